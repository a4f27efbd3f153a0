import type { CostUsage } from './cost-usage';

/** Hours of a month, as AWS's own calculator has them. */
export const MONTH_HOURS = 730;

/** A small product. */
export const DEFAULT_USAGE: Required<Omit<CostUsage, 'auroraCapacityUnits' | 'restoreTests'>> = {
  requests: 1_000_000,
  dataOutGB: 50,
  privateDataGB: 50,
  logsGB: 5,
  storedGB: 20,
  objectWrites: 10_000,
  objectReads: 100_000,
  imagesGB: 5,
  users: 1_000,
  functionRuns: 100_000,
  functionMilliseconds: 500,
  messages: 100_000,
  tableReads: 1_000_000,
  tableWrites: 1_000_000,
  tableGB: 1,
  auroraGB: 20,
  auroraRequests: 1_000_000,
  cacheGB: 1,
  cacheUnits: 10_000_000,
  keyRequests: 100_000,
  buildMinutes: 300,
  backupGB: 20,
  configurationChanges: 1_000,
  ruleEvaluations: 2_000,
  managementEvents: 1_000_000,
  dataEvents: 100_000,
  serviceHours: MONTH_HOURS,
  databaseHours: MONTH_HOURS,
};
