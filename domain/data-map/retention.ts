/** How long data is kept: the privacy policy's promises, and the shorter bounds that we set ourselves. */
import type { ErasedCategory } from './words.ts';

/** Why a tenant's time is running out. */
export const endReasons = ['cancelled', 'suspended'] as const;
export type EndReason = (typeof endReasons)[number];

const day = 24;

const hoursKept: Record<ErasedCategory, Record<EndReason, number | undefined>> = {
  service: { cancelled: day, suspended: 7 * day },
  licence: { cancelled: 30 * day, suspended: undefined },
  billing: { cancelled: 90 * day, suspended: undefined },
};

/**
 * How many hours after the marketplace's word a category's data is erased; undefined where that is no reason to erase it.
 * A suspension ends in a cancellation or in a reinstatement, within 30 days.
 */
export function hoursKeptAfter(reason: EndReason, category: ErasedCategory): number | undefined {
  return hoursKept[category][reason];
}

/** A finished orchestration's history goes at the first hourly look after so many hours. */
export const finishedHistoryHours = { completed: 1, failed: day, terminated: day } as const;

/** A copy that somebody has asked for goes at the first hourly look after so many hours. */
export const exportFileHours = day;

/** Set at the workspace's tables when it is deployed; 4 days is the least that Azure Monitor allows. */
export const telemetryHours = 30 * day;

/** Point-in-time restore of one day, and up to a week more for which Azure keeps the chain that it needs. */
export const databaseBackupHours = 8 * day;

/** The figures of a week are told, and this is the hour that it begins in. */
export const convergenceHours = 7 * day + 1;
