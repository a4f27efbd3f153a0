/*
 * What the recovery suite deploys: a shop's data at home, with its recovery by `-c recover=true`; and the same shop in the recovery region, from what
 * `-c recovered=<JSON>` names.
 */
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Recovered } from './recovery-world';
import { AppBucket, AppTable, DatabaseRecoveryPoint, EncryptionKey, EnvironmentProfile, PostgresDatabase, Recovery } from 'cdk-web-platform';

const HOME = 'eu-central-1';
const ELSEWHERE = 'eu-west-1';
const profile = EnvironmentProfile.production();

/** A team's stack: the same class in both regions. */
class ShopStack extends Stack {
  constructor(scope: App, id: string, region: string, from?: Recovered) {
    super(scope, id, { env: { account: process.env.CDK_DEFAULT_ACCOUNT, region } });
    const encryptionKey = new EncryptionKey(this, 'Key', { profile }).key;
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const replicaKey = from && kms.Key.fromKeyArn(this, 'ReplicaKey', from.key);
    const database = new PostgresDatabase(this, 'Database', {
      profile, vpc, encryptionKey, databaseName: 'shop', fromRecoveryPoint: from && DatabaseRecoveryPoint.latest(from.database),
    });
    const bucket = from
      ? new AppBucket(this, 'Uploads', { profile, existing: { bucketName: from.bucket, encryptionKey: replicaKey } })
      : new AppBucket(this, 'Uploads', { profile, encryptionKey });
    const table = from
      ? new AppTable(this, 'Sessions', { profile, existing: { tableName: from.table } })
      : new AppTable(this, 'Sessions', { profile, encryptionKey });
    if (!this.node.tryGetContext('recover') || from) return;
    const recovery = new Recovery(this, 'Recovery', { profile, recoveryRegion: ELSEWHERE, databases: [database], buckets: [bucket], tables: [table], encryptionKey });
    // For the suite, which follows it.
    this.templateOptions.metadata = { procedure: recovery.procedure };
  }
}

const app = new App();
new ShopStack(app, 'Shop', HOME);
const recovered = app.node.tryGetContext('recovered');
if (recovered) new ShopStack(app, 'ShopRecovered', ELSEWHERE, JSON.parse(recovered));
app.synth();
