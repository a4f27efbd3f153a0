import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { SearchDomain } from './search-domain';
import { EnvironmentProfile } from '../environment';

/** Properties of a `SearchIngestion`. */
export interface SearchIngestionProps {
  /** Network of the functions. */
  readonly vpc: ec2.IVpc;
  /** Where documents go. It has at least one index. */
  readonly search: SearchDomain;
  /** Where rows come from: a `PostgresDatabase`, or anything that is connected to at PostgreSQL's port. */
  readonly database: ec2.IConnectable;
  /** Login of the application: a secret with the fields `host`, `port`, `dbname`, `username` and `password`, such as `database.applicationSecret`. */
  readonly databaseSecret: secretsmanager.ISecret;
  /**
   * Subnets of the functions. They must reach the database, the domain, Secrets Manager and SQS.
   * @default - the private subnets with a way to the internet if the VPC has them, else the isolated ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * How long a change waits at most before it is sent on, 1 to 60 seconds. Below a minute, a function runs all the time, for about 9 USD a month.
   * @default Duration.seconds(60)
   */
  readonly interval?: Duration;
  /**
   * Key that encrypts queues and logs. CloudWatch Logs must be allowed to use it.
   * @default - AWS's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Days that logs are kept, one of CloudWatch's steps.
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
