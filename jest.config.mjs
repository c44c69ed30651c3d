/** Pure rules and adapters run on the sources; flows run the compiled app in a process of its own. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/'],
};

export default {
  // Flows let hours pass at the vendors; on a slow machine that takes its time.
  testTimeout: 240_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/tests/**/*.test.ts'] },
    // The store's tests again, on the database that the environment names (`npm run test:store`).
    {
      ...shared,
      displayName: 'store',
      testMatch: ['<rootDir>/tests/store/**/*.test.ts'],
      testPathIgnorePatterns: ['export-files'],
      globals: { storeOfEnvironment: true },
    },
    { ...shared, displayName: 'flows', testMatch: ['<rootDir>/tests/**/*.flow.ts'] },
  ],
};
