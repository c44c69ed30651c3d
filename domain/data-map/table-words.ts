/** What the tables of the data map say again and again. */
import type { Column, Erasure, Limit } from './words.ts';

export const tenantId: Column = ["the marketplace's subscription id, which is our tenant's", 'companyId'];
export const userId = (whose: string): Column => [`${whose}, an Entra object id`, 'directoryId'];
export const plain = (meaning: string): Column => [meaning];

export const withCategory: readonly [Limit] = [{ by: 'category' }];
export const tenantRows: Erasure = { by: 'tenantRows' };

export const ofService = { category: 'service', kept: withCategory, erased: tenantRows } as const;
export const inBothCopies = { into: ['company', 'person'] } as const;
export const inCompanysCopy = { into: ['company'] } as const;
