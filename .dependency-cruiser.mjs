/** The arrows of the architecture: domain <- contracts <- everything; only app.ts sees all (CONTRIBUTING.md). */
const ours =
  '^((app|migrate|reapply-erasures|verify-receipts)\\.ts|triggers/|orchestrators/|activities/|entities/|contracts/|domain/|clients/|store/|local/|bench/|docs/)';
const forbid = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    forbid('no-circular', {}, { circular: true }, 'A cycle hides which part owns the idea.'),
    forbid('no-unresolved', {}, { couldNotResolve: true }, 'An import must resolve.'),
    forbid(
      'no-dev-packages-shipped',
      { pathNot: '^(tests/|local/|bench/|docs/|[^/]+\\.config\\.mjs$)' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
      'Azure installs production dependencies only.',
    ),
    forbid('tests-are-leaves', { pathNot: '^tests/' }, { path: '^tests/' }, 'Nothing imports a test.'),
    forbid(
      'local-is-never-shipped',
      { pathNot: '^(tests/|local/|bench/|docs/)' },
      { path: '^(local|bench|docs)/' },
      'local/ stands in for Azure.',
    ),
    forbid(
      'host-knows-no-product',
      { path: '^local/(host|clock)/' },
      { path: ours, pathNot: '^local/(host|clock)/' },
      'Any app runs on it.',
    ),
    forbid(
      'vendors-know-no-product',
      { path: '^local/vendors/' },
      { path: ours, pathNot: '^local/(vendors|clock)/' },
      'Simulators speak the wire only.',
    ),
    forbid(
      'domain-is-pure',
      { path: '^domain/' },
      { pathNot: '^(domain/|node_modules/zod)' },
      'Rules know no SDK and no I/O.',
    ),
    forbid(
      'contracts-hold-shapes-only',
      { path: '^contracts/' },
      { pathNot: '^(contracts/|domain/|node_modules/zod)' },
      'Shapes only.',
    ),
    forbid(
      'replayed-code-only-decides',
      { path: '^(orchestrators|entities)/' },
      { path: ours, pathNot: '^($1|domain|contracts)/' },
      'Orchestrators and entities see domain and contracts.',
    ),
    forbid(
      'replayed-code-loads-no-io',
      { path: '^(orchestrators|entities)/' },
      { path: 'node_modules/', pathNot: 'node_modules/(durable-functions|zod|@azure/functions)/' },
      'No package but the SDK in replayed code.',
    ),
    forbid(
      'replayed-code-no-node-core',
      { path: '^(orchestrators|entities)/' },
      { dependencyTypes: ['core'] },
      'Replays must be deterministic.',
    ),
    forbid(
      'activities-do-one-thing',
      { path: '^activities/' },
      { path: '^activities/', pathNot: '^activities/shared/' },
      'An activity is one effect.',
    ),
    forbid(
      'activities-know-no-callers',
      { path: '^activities/' },
      { path: '^(orchestrators|entities|triggers|portal)/' },
      'Called by contract.',
    ),
    forbid(
      'triggers-are-doors',
      { path: '^triggers/' },
      { path: '^(activities|orchestrators|entities)/' },
      'Triggers start work by contract.',
    ),
    forbid(
      'adapters-stand-alone',
      { path: '^(clients|store|portal)/' },
      { path: ours, pathNot: '^($1|domain|contracts)/' },
      'An adapter knows its vendor only.',
    ),
    forbid(
      'sql-lives-in-store',
      { pathNot: '^(store|tests|local)/' },
      { path: 'node_modules/(mssql|tedious|kysely)/' },
      'SQL is in store/.',
    ),
    forbid(
      'telemetry-has-one-door',
      { pathNot: '^(clients/telemetry|tests)/' },
      { path: 'node_modules/(@opentelemetry|@azure/monitor-opentelemetry-exporter)/' },
      'What is said to operators passes the catalogue of domain/telemetry.ts.',
    ),
    forbid(
      'env-is-read-once',
      { pathNot: '^(app|config|migrate|reapply-erasures)\\.ts$|^(tests|local|bench)/' },
      { path: '^config\\.ts$', dependencyTypesNot: ['type-only'] },
      'config.ts is handed out by app.ts.',
    ),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: '^(dist|node_modules|\\.local|coverage|bench/app-with-empty-function|tests/host/apps)/',
    },
  },
};
