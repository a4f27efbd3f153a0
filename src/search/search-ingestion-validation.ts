import { IConstruct } from 'constructs';
import type { SearchIngestionProps } from './search-ingestion-props';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBoolean, checkDuration, checkGiven, checkKind, checkOneOf } from '../validate';

/** Refuses what is missing or of another kind, and a domain that has nothing to fill. */
export function validateSearchIngestion(where: IConstruct, props: SearchIngestionProps): void {
  checkRequired(where, 'vpc', props?.vpc, 'vpcId', 'an ec2.IVpc');
  checkRequired(where, 'search', props.search, 'indexNames', 'a SearchDomain');
  checkRequired(where, 'database', props.database, 'connections', 'a PostgresDatabase or another ec2.IConnectable');
  checkRequired(where, 'databaseSecret', props.databaseSecret, 'secretArn', 'a secretsmanager.ISecret');
  checkKind(where, 'profile', props.profile, 'searchInstanceType', 'an EnvironmentProfile');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkDuration(where, 'interval', props.interval, 1, 60);
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  checkBoolean(where, 'alarms', props.alarms);
  if (props.search.indexNames.length > 0) return;
  throw new PlatformError(where, {
    problem: 'the search domain has no index that could be filled.',
    got: `search ${props.search.node.path} without indexes`,
    allowed: 'a SearchDomain with one index or more',
    fix: "give the domain its indexes, such as indexes: [{ name: 'games' }]",
  });
}

function checkRequired(where: IConstruct, prop: string, value: unknown, member: string, allowed: string): void {
  checkGiven(where, prop, value, allowed);
  checkKind(where, prop, value, member, allowed);
}
