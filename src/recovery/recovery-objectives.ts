import { RecoveryObjective } from './recovery-objective';
import { AppTable, PostgresDatabase } from '../database';
import { AppBucket } from '../storage';

/** What objectives depend on besides the block. */
export interface ObjectiveContext {
  readonly aims: { readonly mistake: number; readonly region: number };
  /** Most minutes between two daily backups. */
  readonly dayMinutes: number;
  /** Whether there is a recovery region. */
  readonly elsewhere: boolean;
}

/** RDS saves its log every five minutes: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html; DynamoDB restores to five minutes ago. */
const LOG_MINUTES = 5;
/** Nobody promises how soon a log or a file is in the other region. AWS says that most files take 15 minutes; a log is sent when it is there. */
const REPLICATION_MINUTES = 15;

export function databaseObjective(database: PostgresDatabase, replicated: boolean, context: ObjectiveContext): RecoveryObjective {
  const way = 'RDS backups to any second';
  return replicated
    ? objective(database, context, LOG_MINUTES, way, LOG_MINUTES + REPLICATION_MINUTES, 'replicated')
    : objective(database, context, LOG_MINUTES, way, context.dayMinutes, 'daily copies');
}

export function bucketObjective(bucket: AppBucket, replicated: boolean, copied: boolean, context: ObjectiveContext): RecoveryObjective {
  const way = 'older versions, continuous backups';
  if (replicated) return objective(bucket, context, REPLICATION_MINUTES, way, REPLICATION_MINUTES, 'a replica');
  return objective(bucket, context, REPLICATION_MINUTES, way, copied ? context.dayMinutes : undefined, 'daily copies');
}

export function tableObjective(table: AppTable, context: ObjectiveContext): RecoveryObjective {
  const [loss, way] = table.pointInTimeRecovery ? [LOG_MINUTES, 'point-in-time recovery'] : [context.dayMinutes, 'daily backups'];
  return objective(table, context, loss, way, context.dayMinutes, 'daily copies');
}

function objective(
  { node }: PostgresDatabase | AppBucket | AppTable, { aims, elsewhere }: ObjectiveContext,
  lossMinutes: number, way: string, regionLossMinutes: number | undefined, regionWay: string,
): RecoveryObjective {
  const here = { block: node.path, lossMinutes, backMinutes: aims.mistake, by: way };
  if (!elsewhere || regionLossMinutes === undefined) return here;
  return { ...here, regionLossMinutes, regionBackMinutes: aims.region, by: `${way}; elsewhere ${regionWay}` };
}
