/* examples/rpg: what is deployed beside Amplify, and its app built and run as Amplify would. */
import { BudgetsClient, DescribeBudgetsCommand, DescribeNotificationsForBudgetCommand } from '@aws-sdk/client-budgets';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTableCommand, DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { DeleteObjectCommand, GetBucketCorsCommand, GetBucketLifecycleConfigurationCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { APP_IDS } from './amplify-ids';
import { buildAsAmplify, ServedApp } from './amplify-served';
import { AmplifyWorld, branchHash } from './amplify-world';
import { Checks } from './checks';
import { ACCOUNT, REGION } from './emulator';

const STACK = 'Rpg';
const APP = APP_IDS.rpg;
const PRODUCTION_TABLE = 'rpg-production';
const BRANCHES = ['staging', 'production'];

/** The part of examples/rpg that does not need Amplify, from the account's first day to the stack's last. */
export class RpgSuite {
  private readonly dynamodb: DynamoDBClient;
  private readonly s3: S3Client;

  constructor(private readonly world: AmplifyWorld, private readonly checks: Checks) {
    this.dynamodb = new DynamoDBClient(world.emulator.clientSettings);
    this.s3 = new S3Client({ ...world.emulator.clientSettings, forcePathStyle: true });
  }

  public async run(): Promise<void> {
    const { world, checks } = this;
    await checks.step('preparing the account: production’s table, secrets, parameters', () => this.prepare());
    await checks.step('deploying rpg, without Amplify', () => world.cdk.deploy([STACK], { quiet: true }));
    await this.checkTables();
    await this.checkBuckets();
    await this.checkSecrets();
    await this.checkRights();
    await this.checkWatching();
    await this.checkApp();
    await this.emptyStagingBucket();
    await checks.step('destroying it', () => world.cdk.destroy([STACK], { quiet: true }));
    await this.checkRemains();
  }

  private async prepare(): Promise<void> {
    const { world } = this;
    await this.dynamodb.send(new CreateTableCommand({
      TableName: PRODUCTION_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['PK', 'SK', 'GSI1PK', 'GSI1SK'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }, { AttributeName: 'SK', KeyType: 'RANGE' }],
      GlobalSecondaryIndexes: [{
        IndexName: 'GSI1',
        KeySchema: [{ AttributeName: 'GSI1PK', KeyType: 'HASH' }, { AttributeName: 'GSI1SK', KeyType: 'RANGE' }],
        Projection: { ProjectionType: 'ALL' },
      }],
    }));
    await this.dynamodb.send(new PutItemCommand({ TableName: PRODUCTION_TABLE, Item: { PK: { S: 'CHARACTER#1' }, SK: { S: 'CHARACTER' }, name: { S: 'Old hero' } } }));
    await world.createSecret('rpg/github', 'ghp_never-used');
    for (const branch of BRANCHES) {
      await world.createSecret(`rpg/${branch}`, { NEXTAUTH_SECRET: secretOf(branch), COGNITO_CLIENT_SECRET: `client-${branch}` });
      await world.setParameter(`/rpg/${branch}/COGNITO_USER_POOL_ID`, `${REGION}_${branch}`);
      await world.setParameter(`/rpg/${branch}/COGNITO_CLIENT_ID`, `client-id-${branch}`);
    }
  }

  private async checkTables(): Promise<void> {
    const { checks, world } = this;
    const TableName = await world.find(STACK, 'AWS::DynamoDB::GlobalTable', 'StagingTable');
    const { Table } = await this.dynamodb.send(new DescribeTableCommand({ TableName }));
    const keys = [Table!.KeySchema, Table!.GlobalSecondaryIndexes![0].KeySchema].map(schema => schema!.map(({ AttributeName }) => AttributeName).join(' '));
    checks.check('staging’s table has PK, SK and GSI1', keys.join(', ') === 'PK SK, GSI1PK GSI1SK' && Table!.GlobalSecondaryIndexes![0].IndexName === 'GSI1', keys);
    checks.check('it is billed on demand', Table!.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST', Table!.BillingModeSummary);
    const { ContinuousBackupsDescription } = await this.dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
    const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    checks.check('it can be put back to any second', recovery === 'ENABLED', recovery);

    const tables = (await world.resources(STACK)).filter(({ ResourceType }) => ResourceType!.startsWith('AWS::DynamoDB::'));
    checks.check('production’s table is no resource of the stack', tables.length === 1 && tables[0].PhysicalResourceId === TableName, tables);
    await this.checkProductionTable();
  }

  private async checkProductionTable(): Promise<void> {
    const { Item } = await this.dynamodb.send(new GetItemCommand({ TableName: PRODUCTION_TABLE, Key: { PK: { S: 'CHARACTER#1' }, SK: { S: 'CHARACTER' } } }));
    this.checks.check('production’s table is there, with what was in it', Item?.name.S === 'Old hero', Item);
  }

  private async checkBuckets(): Promise<void> {
    const { checks, world } = this;
    for (const [id, origin] of [['Staging', 'https://staging.rpg.example.com'], ['Production', 'https://rpg.example.com']]) {
      const Bucket = await world.find(STACK, 'AWS::S3::Bucket', `${id}AudioBucket`);
      const { Rules } = await this.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
      const transitions = Rules!.flatMap(({ Transitions = [] }) => Transitions.map(({ Days, StorageClass }) => `${StorageClass} after ${Days}`));
      checks.check(`${id}: audio goes from Standard to Standard-IA to Glacier`, transitions.join(', ') === 'STANDARD_IA after 30, GLACIER_IR after 90', transitions);
      const { CORSRules } = await this.s3.send(new GetBucketCorsCommand({ Bucket }));
      const origins = CORSRules!.flatMap(({ AllowedOrigins = [] }) => AllowedOrigins);
      checks.check(`${id}: browsers upload and download from the game’s own domain only`, origins.join() === origin, origins);
    }
  }

  private async checkSecrets(): Promise<void> {
    const { checks, world } = this;
    for (const branch of BRANCHES) {
      const secrets = await world.parametersBelow(pathOf(branch));
      const found = Object.fromEntries(secrets.map(({ Name, Value }) => [Name!.split('/').at(-1)!, Value]));
      checks.check(`${branch}: its secrets are where Amplify Gen 2 looks`,
        JSON.stringify(found) === JSON.stringify({ COGNITO_CLIENT_SECRET: `client-${branch}`, NEXTAUTH_SECRET: secretOf(branch) }), Object.keys(found));
      checks.check(`${branch}: they are encrypted`, secrets.every(({ Type }) => Type === 'SecureString'), secrets.map(({ Type }) => Type));
      const [variables] = await world.variablesOf(APP, branch);
      checks.check(`${branch}: no variable has a secret’s value`, !JSON.stringify(variables).includes(secretOf(branch)), Object.keys(variables));
    }
    await world.changeSecret('rpg/staging', { NEXTAUTH_SECRET: 'rotated', COGNITO_CLIENT_SECRET: 'client-staging' });
    const { failed, answer } = await world.operate(STACK, { refreshSecrets: true });
    checks.check('a rotated secret is carried over, and no value is told', !failed && answer.includes('NEXTAUTH_SECRET') && !answer.includes('rotated'), answer);
    const after = await world.parametersBelow(pathOf('staging'));
    checks.check('staging has the rotated secret', after.some(({ Name, Value }) => Name!.endsWith('/NEXTAUTH_SECRET') && Value === 'rotated'), after.map(({ Version }) => Version));
    const again = await world.operate(STACK, { refreshSecrets: true });
    checks.check('nothing is written twice', !again.failed && !again.answer.includes('NEXTAUTH_SECRET'), again.answer);
  }

  /** What the emulator's IAM says of the deployed roles. The unit tests ask about many more calls. */
  private async checkRights(): Promise<void> {
    const { world } = this;
    const table = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
    const parameter = (branch: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${pathOf(branch)}/NEXTAUTH_SECRET`;
    const staging = await world.find(STACK, 'AWS::DynamoDB::GlobalTable', 'StagingTable');
    const data = {
      staging: { table: table(staging), bucket: `arn:aws:s3:::${await world.find(STACK, 'AWS::S3::Bucket', 'StagingAudioBucket')}/song.ogg` },
      production: { table: table(PRODUCTION_TABLE), bucket: `arn:aws:s3:::${await world.find(STACK, 'AWS::S3::Bucket', 'ProductionAudioBucket')}/song.ogg` },
    };
    for (const [branch, other] of [['staging', 'production'], ['production', 'staging']] as const) {
      await this.checkRole(branch, [
        ['dynamodb:PutItem', data[branch].table, true],
        ['dynamodb:Query', `${data[branch].table}/index/GSI1`, true],
        ['s3:PutObject', data[branch].bucket, true],
        ['ssm:GetParameters', parameter(branch), true],
        ['dynamodb:DeleteTable', data[branch].table, false],
        ['dynamodb:GetItem', data[other].table, false],
        ['s3:GetObject', data[other].bucket, false],
        ['ssm:GetParameters', parameter(other), false],
        ['ssm:PutParameter', parameter(branch), false],
      ]);
    }
  }

  private async checkRole(branch: string, expectations: [string, string, boolean][]): Promise<void> {
    const role = await this.world.find(STACK, 'AWS::IAM::Role', `GameAppBranch${branch}ComputeRole`);
    const iam = new IAMClient(this.world.emulator.clientSettings);
    for (const [action, resource, allowed] of expectations) {
      const { EvaluationResults } = await iam.send(new SimulatePrincipalPolicyCommand({
        PolicySourceArn: `arn:aws:iam::${ACCOUNT}:role/${role}`, ActionNames: [action], ResourceArns: [resource],
      }));
      const decision = EvaluationResults![0].EvalDecision;
      this.checks.check(`${branch}: ${action} on ${resource} is ${allowed ? '' : 'not '}allowed`, (decision === 'allowed') === allowed, decision);
    }
  }

  private async checkWatching(): Promise<void> {
    const { checks, world } = this;
    const cloudWatch = new CloudWatchClient(world.emulator.clientSettings);
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: STACK }));
    const told = MetricAlarms.every(({ AlarmActions }) => AlarmActions?.length === 1);
    checks.check('alarms are told to the topic', MetricAlarms.length >= 3 && told, MetricAlarms.map(({ AlarmName, AlarmActions }) => [AlarmName, AlarmActions]));
    const budgets = new BudgetsClient(world.emulator.clientSettings);
    const { Budgets = [] } = await budgets.send(new DescribeBudgetsCommand({ AccountId: ACCOUNT }));
    checks.check('there is a budget of 100 USD a month', Budgets.length === 1 && Number(Budgets[0].BudgetLimit?.Amount) === 100, Budgets);
    const notifications = new DescribeNotificationsForBudgetCommand({ AccountId: ACCOUNT, BudgetName: Budgets[0]?.BudgetName });
    const { Notifications = [] } = await budgets.send(notifications);
    const thresholds = Notifications.map(({ NotificationType, Threshold }) => `${NotificationType} ${Threshold}`).sort();
    checks.check('it warns at 80 and 100 %, and when 100 % are foreseen', thresholds.join() === 'ACTUAL 100,ACTUAL 80,FORECASTED 100', thresholds);
  }

  /** The example's app, built by its own build spec with the variables that its branch was given, and served with the branch's data. */
  private async checkApp(): Promise<void> {
    const { checks, world } = this;
    const [variables] = await world.variablesOf(APP, 'staging');
    const built = await checks.step('building the app by its build spec, with its smoke test', () =>
      buildAsAmplify(world.emulator, STACK, 'staging', variables));
    checks.check('the build succeeds', built.code === 0 && built.output.includes('Smoke test: /login answers with 200.'), built.output.slice(-2000));
    if (built.code !== 0) return;
    const role = await world.find(STACK, 'AWS::IAM::Role', 'GameAppBranchstagingComputeRole');
    const app = await checks.step('starting its server', () => ServedApp.start(world.emulator, built.directory, role));
    try {
      const login = await app.get('/login');
      checks.check('/login is served', login.status === 200 && login.text.includes('Sign in') && login.text.includes('staging.rpg.example.com'), login);
      const health = await app.get('/api/health');
      checks.check('the server has all variables and secrets under the names that it wants', health.status === 200, health.text);
      const cookie = await app.sessionOf('player-1', 'rotated');
      const created = await app.post('/api/characters', { name: 'Ann', calling: 'Bard' }, cookie);
      checks.check('a character is kept', created.status === 201, created);
      const listed = await app.get('/api/characters', cookie);
      checks.check('it is found by the index', listed.status === 200 && listed.text.includes('Ann'), listed);
      const audio = await app.post('/api/audio', { type: 'audio/ogg', size: 5 }, cookie);
      const { uploadUrl, downloadUrl } = JSON.parse(audio.text);
      const put = await fetch(uploadUrl, { method: 'PUT', body: 'music', headers: { 'content-type': 'audio/ogg' } });
      checks.check('audio is uploaded by a presigned address', put.status === 200, put.status);
      const got = await fetch(downloadUrl);
      checks.check('and downloaded by another', got.status === 200 && await got.text() === 'music', got.status);
    } finally {
      await app.stop();
    }
    const TableName = await world.find(STACK, 'AWS::DynamoDB::GlobalTable', 'StagingTable');
    const { Count } = await this.dynamodb.send(new ScanCommand({ TableName }));
    checks.check('staging’s table has the character', Count === 1, Count);
  }

  /** CloudFormation deletes no bucket with something in it, which is what saves one that somebody deletes by mistake. */
  private async emptyStagingBucket(): Promise<void> {
    const Bucket = await this.world.find(STACK, 'AWS::S3::Bucket', 'StagingAudioBucket');
    const { Versions = [], DeleteMarkers = [] } = await this.s3.send(new ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) await this.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }

  private async checkRemains(): Promise<void> {
    const left = await this.world.parametersBelow('/amplify/');
    this.checks.check('the secrets that were carried over are gone', left.length === 0, left.map(({ Name }) => Name));
    await this.checkProductionTable();
  }
}

function pathOf(branch: string): string {
  return `/amplify/${APP}/${branch}-branch-${branchHash(APP, branch)}`;
}

function secretOf(branch: string): string {
  return `s3cr$et-of-${branch}`;
}
