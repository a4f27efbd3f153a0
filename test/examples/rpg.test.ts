import { Match, Template } from 'aws-cdk-lib/assertions';
import { branchIn, buildSpecIn, parameterOf, templateOf, variablesIn } from './example';
import { RpgStack } from '../../examples/rpg/rpg-stack';
import { removeBuilds, runBuild } from '../amplify/build/run';
import { RoleRights } from '../iam/role-rights';

const BRANCHES = ['staging', 'production'] as const;
let template: Template;

beforeAll(() => {
  template = templateOf('rpg', app => new RpgStack(app, 'Rpg', { domainName: 'rpg.example.com', productionTable: 'rpg-production' }));
});
afterAll(removeBuilds);

describe('the app', () => {
  test('one Amplify app from a GitHub repository, server-side rendering', () => {
    template.resourceCountIs('AWS::Amplify::App', 1);
    template.hasResourceProperties('AWS::Amplify::App', { Platform: 'WEB_COMPUTE', Repository: 'https://github.com/rpg/web' });
  });

  test.each(BRANCHES)('each push to %s deploys it', branchName => {
    expect(branchIn(template, branchName)).toMatchObject({ EnableAutoBuild: true, Framework: 'Next.js - SSR' });
  });

  test.each(BRANCHES)('%s is built by npm run build, with its variables', branchName => {
    const { code, calls } = runBuild(buildSpecIn(template), { env: environmentOf(branchName), does: { 'npm start': 'sleep 0' } });
    expect(calls.map(({ command }) => command).slice(0, 2)).toEqual(['npm ci --cache .npm --prefer-offline', 'npm run build']);
    expect(calls[1].env).toMatchObject({ AWS_S3_BUCKET_NAME: `bucket of ${branchName}`, NEXTAUTH_URL: expect.stringContaining('rpg.example.com') });
    // The stand-in serves no login page.
    expect(code).not.toBe(0);
  });
});

function environmentOf(branchName: string): Record<string, string> {
  const path = `/amplify/d2mgxqlhqfnu3l/${branchName}-branch-0123456789`;
  return {
    AWS_BRANCH: branchName,
    AWS_APP_ID: 'd2mgxqlhqfnu3l',
    AMPLIFY_APP_ID: 'd2mgxqlhqfnu3l',
    NEXTAUTH_URL: `https://${branchName}.rpg.example.com`,
    COGNITO_USER_POOL_ID: 'pool',
    COGNITO_CLIENT_ID: 'client',
    DYNAMODB_TABLE_NAME: 'table',
    APP_AWS_S3_BUCKET_NAME: `bucket of ${branchName}`,
    SECRET_PARAMETERS: `${path}/NEXTAUTH_SECRET,${path}/COGNITO_CLIENT_SECRET`,
  };
}

describe('variables per branch', () => {
  test.each(BRANCHES)('%s has its address, its sign-in, its table and its bucket', branchName => {
    const variables = variablesIn(template, branchName);
    expect(variables).toMatchObject({
      NEXTAUTH_URL: branchName === 'staging' ? 'https://staging.rpg.example.com' : 'https://rpg.example.com',
      DYNAMODB_TABLE_NAME: branchName === 'staging' ? { Ref: expect.stringMatching(/^StagingTable/) } : 'rpg-production',
      APP_AWS_S3_BUCKET_NAME: { Ref: expect.stringMatching(branchName === 'staging' ? /^StagingAudio/ : /^ProductionAudio/) },
    });
    for (const name of ['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID']) expect(parameterOf(template, variables[name])).toBe(`/rpg/${branchName}/${name}`);
  });

  test('no variable has a name that Amplify refuses', () => {
    for (const branchName of BRANCHES) expect(Object.keys(variablesIn(template, branchName)).filter(name => name.startsWith('AWS'))).toEqual([]);
  });

  test.each(BRANCHES)('the secrets of %s live in Secrets Manager and reach it under their names', branchName => {
    const joined = JSON.stringify(variablesIn(template, branchName).SECRET_PARAMETERS);
    expect(joined).toMatch(/NEXTAUTH_SECRET.*COGNITO_CLIENT_SECRET/);
    template.hasResourceProperties('Custom::AmplifySecrets', {
      BranchName: branchName,
      Sources: ['NEXTAUTH_SECRET', 'COGNITO_CLIENT_SECRET'].map(name => Match.objectLike({ name, field: name })),
    });
  });
});

describe('data', () => {
  test('staging’s table has PK, SK and GSI1, is billed on demand and can be put back', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }, { AttributeName: 'SK', KeyType: 'RANGE' }],
      GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'GSI1' })],
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: Match.objectLike({ PointInTimeRecoveryEnabled: true }) })],
    });
  });

  test('production’s table is imported and never created', () => {
    const tables = Object.keys(template.findResources('AWS::DynamoDB::GlobalTable'));
    expect(tables).toEqual([expect.stringMatching(/^StagingTable/)]);
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
  });

  test.each(['Staging', 'Production'])('audio of %s goes from Standard to Standard-IA to Glacier, and browsers of the game may load it', environment => {
    const [bucket] = Object.entries(template.findResources('AWS::S3::Bucket')).filter(([id]) => id.startsWith(`${environment}AudioBucket`)).map(([, found]) => found);
    const transitions = bucket.Properties.LifecycleConfiguration.Rules.flatMap((rule: any) => rule.Transitions ?? []);
    expect(transitions.map(({ StorageClass }: any) => StorageClass)).toEqual(['STANDARD_IA', 'GLACIER_IR']);
    const [cors] = bucket.Properties.CorsConfiguration.CorsRules;
    expect(cors.AllowedOrigins).toEqual([environment === 'Staging' ? 'https://staging.rpg.example.com' : 'https://rpg.example.com']);
    expect(cors.AllowedMethods).toEqual(expect.arrayContaining(['GET', 'PUT']));
  });
});

describe('the app’s role reads its own secrets, reads and writes its own table and bucket, and nothing else', () => {
  const other = { staging: 'production', production: 'staging' } as const;
  const pathOf = (branchName: string) => `/amplify/d2mgxqlhqfnu3l/${branchName}-branch-of-its-own`;

  function worldOf(branchName: 'staging' | 'production') {
    const idOf = (type: string, form: RegExp) => Object.keys(template.findResources(type)).find(id => form.test(id))!;
    const attributes = Object.fromEntries(BRANCHES.map(name => [`${idOf('Custom::AmplifySecrets', new RegExp(`Secrets${name}`))}.Path`, pathOf(name)]));
    const rights = new RoleRights(template, idOf('AWS::IAM::Role', new RegExp(`Branch${branchName}ComputeRole`)), { attributes });
    const data = {
      staging: { table: rights.arnOf(idOf('AWS::DynamoDB::GlobalTable', /^StagingTable/)), bucket: rights.arnOf(idOf('AWS::S3::Bucket', /^StagingAudioBucket/)) },
      production: { table: 'arn:aws:dynamodb:eu-central-1:111111111111:table/rpg-production', bucket: rights.arnOf(idOf('AWS::S3::Bucket', /^ProductionAudioBucket/)) },
    };
    const parameter = (name: string, key: string) => `arn:aws:ssm:eu-central-1:111111111111:parameter${pathOf(name)}/${key}`;
    return { rights, data, parameter };
  }

  test.each(BRANCHES)('%s: what it may', branchName => {
    const { rights, data: { [branchName]: { table, bucket } }, parameter } = worldOf(branchName);
    for (const action of ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']) {
      expect([action, rights.isAllowed(`dynamodb:${action}`, table)]).toEqual([action, true]);
    }
    expect(rights.isAllowed('dynamodb:Query', `${table}/index/GSI1`)).toBe(true);
    for (const action of ['GetObject', 'PutObject', 'DeleteObject', 'AbortMultipartUpload']) expect([action, rights.isAllowed(`s3:${action}`, `${bucket}/a.ogg`)]).toEqual([action, true]);
    expect(rights.isAllowed('s3:ListBucket', bucket)).toBe(true);
    for (const key of ['NEXTAUTH_SECRET', 'COGNITO_CLIENT_SECRET']) expect(rights.isAllowed('ssm:GetParameters', parameter(branchName, key))).toBe(true);
  });

  test.each(BRANCHES)('%s: what it may not', branchName => {
    const { rights, data, parameter } = worldOf(branchName);
    const { table, bucket } = data[branchName];
    const others = data[other[branchName]];
    const forbidden: [string, string][] = [
      ...['GetItem', 'Query', 'PutItem', 'DeleteItem'].map((action): [string, string] => [`dynamodb:${action}`, others.table]),
      ['dynamodb:Query', `${others.table}/index/GSI1`],
      ...['DeleteTable', 'UpdateTable', 'CreateBackup', 'TagResource'].map((action): [string, string] => [`dynamodb:${action}`, table]),
      ['dynamodb:Query', `${table}/index/OTHER`],
      ...['GetObject', 'PutObject'].map((action): [string, string] => [`s3:${action}`, `${others.bucket}/a.ogg`]),
      ...['DeleteBucket', 'PutBucketPolicy', 'PutLifecycleConfiguration', 'PutBucketCORS'].map((action): [string, string] => [`s3:${action}`, bucket]),
      ['s3:DeleteObjectVersion', `${bucket}/a.ogg`],
      ['ssm:GetParameters', parameter(other[branchName], 'NEXTAUTH_SECRET')],
      ['ssm:GetParameters', parameter(branchName, 'OTHER')],
      ['ssm:PutParameter', parameter(branchName, 'NEXTAUTH_SECRET')],
      ['ssm:GetParametersByPath', `arn:aws:ssm:eu-central-1:111111111111:parameter${pathOf(branchName)}`],
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-central-1:111111111111:secret:rpg/${branchName}-AbCdEf`],
      ['amplify:UpdateBranch', 'arn:aws:amplify:eu-central-1:111111111111:apps/d2mgxqlhqfnu3l/branches/staging'],
      ['iam:PassRole', 'arn:aws:iam::111111111111:role/any'],
      ['sts:AssumeRole', 'arn:aws:iam::111111111111:role/any'],
    ];
    expect(forbidden.filter(([action, resource]) => rights.isAllowed(action, resource))).toEqual([]);
  });
});

describe('watching', () => {
  test.each(['4xxErrors', '5xxErrors'])('an alarm above 1 %% of %s', metric => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) => JSON.stringify(Properties.Metrics ?? []).includes(`"${metric}"`));
    expect(alarms.map(({ Properties }) => [Properties.Threshold, Properties.ComparisonOperator])).toEqual([[1, 'GreaterThanThreshold']]);
  });

  test('a budget that warns on cost', () => {
    template.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: Match.objectLike({ BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 100, Unit: 'USD' } }),
      NotificationsWithSubscribers: Match.arrayWith([Match.objectLike({ Notification: Match.objectLike({ NotificationType: 'FORECASTED' }) })]),
    });
  });

  test('a smoke test of the login page, before and after each deployment', () => {
    expect(buildSpecIn(template)).toContain('/login does not contain the text');
    for (const [branchName, url] of [['staging', 'https://staging.rpg.example.com'], ['production', 'https://rpg.example.com']]) {
      const pattern = { detail: { branchName: [branchName], jobStatus: ['SUCCEED'] } };
      const [rule] = Object.values(template.findResources('AWS::Events::Rule', { Properties: { EventPattern: pattern } }));
      expect(JSON.parse(rule.Properties.Targets[0].Input)).toEqual({ url, tests: [{ path: '/login', expectedText: 'Sign in' }] });
    }
  });
});
