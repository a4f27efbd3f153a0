import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App, CfnCondition, CfnResource, Fn, NestedStack, RemovalPolicy, Stack, Stage, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Repository } from './guarded-app';
import { StatefulGuard } from '../../src';

const REASON = 'orders moved to the new table, ticket 42';

let repository: Repository;
beforeEach(() => { repository = new Repository(); });
afterEach(() => repository.remove());

const bucket = (id: string, props: s3.BucketProps = {}) => (stack: Stack) => void new s3.Bucket(stack, id, props);
const table = (key: string) => (stack: Stack) => void new dynamodb.Table(stack, 'Orders', {
  partitionKey: { name: key, type: dynamodb.AttributeType.STRING },
});
const empty = () => undefined;

describe('the lock file', () => {
  test('is made by the first synth, with one entry for each stateful resource', () => {
    expect(repository.stack(stack => {
      table('id')(stack);
      new sqs.Queue(stack, 'Jobs');
    })).toBe('');
    expect(repository.lock.stacks).toEqual({
      Shop: {
        stackName: 'Shop',
        resources: {
          OrdersA9B65338: {
            type: 'AWS::DynamoDB::Table',
            path: 'Shop/Orders/Resource',
            createOnly: { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] },
          },
        },
      },
    });
    expect(repository.notices.join()).toContain('added Shop OrdersA9B65338');
  });

  test('gets what is new, without a change to the lines of the others', () => {
    repository.stack(bucket('B'));
    const entry = '"B08E7C7AF": {\n          "type": "AWS::S3::Bucket",\n          "path": "Shop/B/Resource",\n          "createOnly": {}\n        }';
    expect(repository.text).toContain(entry);
    expect(repository.stack(stack => { bucket('C')(stack); bucket('A')(stack); bucket('B')(stack); })).toBe('');
    expect(repository.text).toContain(`${entry},\n        "C`);
    const ids = Object.keys(repository.lock.stacks.Shop.resources);
    expect(ids).toHaveLength(3);
    expect(ids).toEqual([...ids].sort());
  });

  test('is not written again when nothing changed, whatever its line endings', () => {
    repository.stack(bucket('B'));
    writeFileSync(repository.lockFile, repository.text.replace(/\n/g, '\r\n'));
    const { mtimeMs } = statSync(repository.lockFile);
    expect(repository.stack(bucket('B'))).toBe('');
    expect(statSync(repository.lockFile).mtimeMs).toBe(mtimeMs);
    expect(repository.notices).toHaveLength(1);
  });

  test('holds no secret and no long value', () => {
    repository.stack(stack => {
      new rds.CfnDBInstance(stack, 'Db', { masterUsername: 'hidden-administrator', dbName: 'x'.repeat(200), engine: 'postgres' });
    });
    expect(repository.text).not.toMatch(/hidden-administrator|xxxxxxxx/);
    expect(repository.lock.stacks.Shop.resources.Db.createOnly.MasterUsername).toMatch(/^sha256:[0-9a-f]{16}$/);
  });

  test('takes numbers and booleans for the same as their text, as CloudFormation does', () => {
    const database = (port: string) => (stack: Stack) => {
      const resource = new rds.CfnDBInstance(stack, 'Db', { engine: 'postgres' });
      resource.addPropertyOverride('Port', port === '5432' ? 5432 : port);
      resource.addPropertyOverride('StorageEncrypted', port === '5432' ? true : 'true');
    };
    repository.stack(database('5432'));
    expect(repository.stack(database('05432'.slice(1)))).toBe('');
    expect(repository.stack(database('5433'))).toContain("Port: '5432' → '5433'");
  });

  test('may be a link, and stays one', () => {
    const target = join(repository.directory, 'shared.json');
    repository.stack(bucket('A'));
    renameSync(repository.lockFile, target);
    symlinkSync(target, repository.lockFile);
    expect(repository.stack(stack => { bucket('A')(stack); bucket('B')(stack); })).toBe('');
    expect(lstatSync(repository.lockFile).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toContain('B08E7C7AF');
  });

  test('stays as it was when a synth fails', () => {
    repository.stack(table('id'));
    const before = repository.text;
    expect(repository.stack(stack => { table('other')(stack); bucket('New')(stack); })).toContain('would be replaced');
    expect(repository.text).toBe(before);
  });
});

describe('a deployment that would lose state', () => {
  test('fails when a resource disappears', () => {
    repository.stack(bucket('Uploads'));
    const message = repository.stack(empty);
    expect(message).toContain('Shop/Uploads/Resource (AWS::S3::Bucket, Uploads4F6EB0FD in Shop) would disappear.');
    expect(message).toContain('"allow": "why this may go"');
  });

  test('fails although the resource would be retained', () => {
    repository.stack(bucket('Uploads', { removalPolicy: RemovalPolicy.RETAIN }));
    expect(repository.stack(empty)).toContain('would disappear');
  });

  test('fails when a logical id changes, and shows how to keep it', () => {
    repository.stack(bucket('Uploads'));
    const message = repository.stack(bucket('Files'));
    expect(message).toContain('Shop/Files/Resource, with the logical id Files8E6940B8');
    expect(message).toContain("overrideLogicalId('Uploads4F6EB0FD')");
  });

  test('tells for each of several which new one it may be', () => {
    const both = (id: string) => (stack: Stack) => {
      const part = new Construct(stack, id);
      for (const name of ['Archive', 'Uploads']) new s3.Bucket(part, name);
    };
    repository.stack(both('Data'));
    const message = repository.stack(both('Store'));
    expect(message).toMatch(/Shop\/Data\/Archive\/Resource .*\n.*\n.*at Shop\/Store\/Archive\/Resource/);
    expect(message).toMatch(/Shop\/Data\/Uploads\/Resource .*\n.*\n.*at Shop\/Store\/Uploads\/Resource/);
  });

  test('passes once the id is kept as the message shows', () => {
    repository.stack(bucket('Uploads'));
    expect(repository.stack(stack => {
      const construct = new s3.Bucket(stack, 'Files');
      (construct.node.defaultChild as CfnResource).overrideLogicalId('Uploads4F6EB0FD');
    })).toBe('');
    expect(repository.lock.stacks.Shop.resources.Uploads4F6EB0FD.path).toBe('Shop/Files/Resource');
  });

  test('fails when a create-only property changes, is added or is taken away', () => {
    const named = (bucketName?: string) => bucket('Uploads', { bucketName });
    repository.stack(named('one'));
    expect(repository.stack(named('two'))).toContain("BucketName: 'one' → 'two'");
    expect(repository.stack(named())).toContain("BucketName: 'one' → not given");

    const other = new Repository();
    other.stack(named());
    expect(other.stack(named('one'))).toContain("BucketName: not given → 'one'");
    other.remove();
  });

  test('passes when a property changes that CloudFormation changes in place', () => {
    repository.stack(bucket('Uploads'));
    expect(repository.stack(bucket('Uploads', { versioned: true, bucketName: Token.asString({ Ref: 'AWS::NoValue' }) }))).toBe('');
  });

  test('fails when what a create-only property refers to gets another id', () => {
    const encrypted = (id: string) => (stack: Stack) => {
      const key = new kms.CfnKey(stack, id);
      new rds.CfnDBInstance(stack, 'Db', { engine: 'postgres', kmsKeyId: key.attrArn });
    };
    repository.stack(encrypted('Key'));
    const message = repository.stack(encrypted('NewKey'));
    expect(message).toContain('KmsKeyId: {"Fn::GetAtt":["Key","Arn"]} → {"Fn::GetAtt":["NewKey","Arn"]}');
    expect(message).toContain('in 2 places');
  });

  test('fails when the subnet group of a database would be replaced, and the database with it', () => {
    const database = (name?: string) => (stack: Stack) => {
      const group = new rds.CfnDBSubnetGroup(stack, 'Group', { dbSubnetGroupDescription: 'd', subnetIds: ['a', 'b'], dbSubnetGroupName: name });
      new rds.CfnDBInstance(stack, 'Db', { engine: 'postgres', dbSubnetGroupName: group.ref });
    };
    repository.stack(database());
    expect(repository.stack(database('named'))).toContain("DBSubnetGroupName > DBSubnetGroupName: not given → 'named'");
  });

  test('fails when a condition may take the resource away', () => {
    repository.stack(stack => void new s3.CfnBucket(stack, 'Uploads'));
    expect(repository.stack(stack => {
      const condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals(stack.region, 'eu-central-1') });
      new s3.CfnBucket(stack, 'Uploads').cfnOptions.condition = condition;
    })).toMatch(/Uploads in Shop\) could disappear\.\n.*\n.*Where the condition is false, CloudFormation deletes it\./);
  });

  test('fails when a logical id gets another type', () => {
    repository.stack(stack => void new CfnResource(stack, 'Data', { type: 'AWS::S3::Bucket' }));
    expect(repository.stack(stack => void new CfnResource(stack, 'Data', { type: 'AWS::EFS::FileSystem' })))
      .toContain('would become a AWS::EFS::FileSystem');
  });

  test('sees escape hatches and aspects, which come last', () => {
    repository.stack(table('id'));
    expect(repository.stack(stack => {
      table('id')(stack);
      (stack.node.findChild('Orders').node.defaultChild as CfnResource).addPropertyOverride('KeySchema.0.AttributeName', 'changed');
    })).toContain('KeySchema');
  });

  test('compares tokens in the form that they have in the template', () => {
    const named = (name: (stack: Stack) => string) => (stack: Stack) => bucket('Uploads', { bucketName: name(stack) })(stack);
    repository.stack(named(stack => `uploads-${stack.account}`));
    expect(repository.stack(named(stack => Fn.join('', ['uploads-', stack.account])))).toBe('');
    expect(repository.stack(named(stack => `uploads-${stack.region}`))).toContain('BucketName');
  });

  test('tells of everything at once', () => {
    repository.stack(stack => { table('id')(stack); bucket('Uploads')(stack); });
    const message = repository.stack(table('pk'));
    expect(message).toContain('in 2 places');
    expect(message).toContain('would disappear');
    expect(message).toContain('would be replaced');
  });

  test('leaves no assembly that could be deployed', () => {
    repository.stack(bucket('Uploads'));
    expect(readdirSync(join(repository.directory, 'cdk.out'))).toContain('manifest.json');
    repository.stack(empty);
    expect(readdirSync(join(repository.directory, 'cdk.out'))).not.toContain('manifest.json');
  });
});

describe('an OpenSearch domain', () => {
  const domain = (props: opensearch.CfnDomainProps, inPlace = false) => (stack: Stack) => {
    new opensearch.CfnDomain(stack, 'Search', props).cfnOptions.updatePolicy = inPlace ? { enableVersionUpgrade: true } : undefined;
  };

  test('would be replaced by a new version without its update policy', () => {
    repository.stack(domain({ engineVersion: 'OpenSearch_2.17' }));
    expect(repository.stack(domain({ engineVersion: 'OpenSearch_2.19' }))).toContain('only with UpdatePolicy EnableVersionUpgrade: true');
    expect(repository.stack(domain({ engineVersion: 'OpenSearch_2.19' }, true))).toBe('');
    expect(repository.stack(domain({ engineVersion: 'OpenSearch_2.17' }, true))).toContain('would go back from version OpenSearch_2.19');
  });

  test('can be given encryption and subnets, and cannot lose them', () => {
    repository.stack(domain({}));
    const full = { encryptionAtRestOptions: { enabled: true }, vpcOptions: { subnetIds: ['subnet-a'] } };
    expect(repository.stack(domain(full))).toBe('');
    expect(repository.stack(domain({ ...full, vpcOptions: { subnetIds: ['subnet-b'] } }))).toBe('');
    const message = repository.stack(domain({ encryptionAtRestOptions: { enabled: false } }));
    expect(message).toContain('EncryptionAtRestOptions');
    expect(message).toContain('VPCOptions');
  });
});

test('what depends on more than the template says is told as a possibility', () => {
  const database = (engine: string) => (stack: Stack) => void new rds.CfnDBInstance(stack, 'Db', { engine });
  repository.stack(database('mysql'));
  const message = repository.stack(database('mariadb'));
  expect(message).toContain('Db in Shop) may be replaced by a new one.');
  expect(message).toContain('a change set (`cdk diff`) tells');
});

describe('instances of a cluster', () => {
  const cluster = (...instances: string[]) => (stack: Stack) => {
    const { ref } = new rds.CfnDBCluster(stack, 'Cluster', { engine: 'aurora-postgresql' });
    for (const id of instances) new rds.CfnDBInstance(stack, id, { engine: 'aurora-postgresql', dbClusterIdentifier: ref });
  };

  test('come and go: the cluster keeps the state', () => {
    repository.stack(cluster('Writer', 'Reader'));
    expect(repository.stack(cluster('Other'))).toBe('');
    expect(Object.keys(repository.lock.stacks.Shop.resources)).toEqual(['Cluster']);
  });

  test('are not what a database can become', () => {
    repository.stack(stack => { cluster()(stack); new rds.CfnDBInstance(stack, 'Database', { engine: 'aurora-postgresql' }); });
    expect(repository.stack(cluster('Database'))).toContain('DBClusterIdentifier: not given → {"Ref":"Cluster"}');
  });
});

describe('yes to a loss', () => {
  test('is a reason in the entry; the next synth takes the entry out and keeps the reason', () => {
    repository.stack(bucket('Uploads'));
    repository.edit(lock => { lock.stacks.Shop.resources.Uploads4F6EB0FD.allow = REASON; });
    expect(repository.stack(empty)).toBe('');
    expect(repository.lock.stacks).toEqual({});
    expect(repository.lock.released).toEqual({ 'Shop Uploads4F6EB0FD': `gone: ${REASON}` });
    expect(repository.stack(empty)).toBe('');
  });

  test('lasts for one replacement', () => {
    repository.stack(table('id'));
    repository.edit(lock => { lock.stacks.Shop.resources.OrdersA9B65338.allow = REASON; });
    expect(repository.stack(table('pk'))).toBe('');
    expect(repository.lock.released).toEqual({ 'Shop OrdersA9B65338': `replaced: ${REASON}` });
    expect(repository.stack(table('sk'))).toContain('would be replaced');
  });

  test('is refused where nothing would be lost, so that it allows no later accident', () => {
    repository.stack(bucket('Uploads'));
    repository.edit(lock => { lock.stacks.Shop.resources.Uploads4F6EB0FD.allow = REASON; });
    expect(repository.stack(bucket('Uploads'))).toContain('allows what does not happen');
  });

  test.each([true, '', 'yes', 5])('is no yes without a reason: %p', allow => {
    repository.stack(bucket('Uploads'));
    repository.edit(lock => { lock.stacks.Shop.resources.Uploads4F6EB0FD.allow = allow; });
    expect(repository.stack(empty)).toContain('is not a reason');
  });

  test('of a stack lets the whole stack go, and no single resource of it', () => {
    repository.stack(bucket('Uploads'));
    repository.edit(lock => { lock.stacks.Shop.allow = REASON; });
    expect(repository.stack(empty)).toContain('would disappear');
    expect(repository.synth(empty)).toBe('');
    expect(repository.lock.released).toEqual({ Shop: `stack gone: ${REASON}` });
  });

  test('of a stack lets its nested stacks go with it', () => {
    const build = (app: App) => {
      const stack = new Stack(app, 'Shop');
      bucket('Uploads')(stack);
      bucket('Archive')(new NestedStack(stack, 'Data'));
    };
    repository.synth(build);
    repository.edit(lock => { lock.stacks.Shop.allow = REASON; });
    expect(repository.synth(empty)).toBe('');
    expect(Object.keys(repository.lock.released)).toEqual(['Shop', 'Shop/Data']);
  });

  test('in a pipeline counts once the written lock file is committed', () => {
    repository.stack(bucket('Uploads'));
    repository.edit(lock => { lock.stacks.Shop.resources.Uploads4F6EB0FD.allow = REASON; });
    expect(repository.stack(empty, { ci: true })).toContain('removed Shop Uploads4F6EB0FD');
    repository.stack(empty);
    expect(repository.stack(empty, { ci: true })).toBe('');
  });
});

describe('in a pipeline', () => {
  test('an up-to-date lock file passes', () => {
    repository.stack(bucket('Uploads'));
    expect(repository.stack(bucket('Uploads'), { ci: true })).toBe('');
  });

  test('a new resource that is not in the lock file fails, and nothing is written', () => {
    repository.stack(bucket('Uploads'));
    const before = repository.text;
    const message = repository.stack(stack => { bucket('Uploads')(stack); bucket('More')(stack); }, { ci: true });
    expect(message).toContain('added Shop More');
    expect(message).toContain('npx cdk synth');
    expect(repository.text).toBe(before);
  });

  test('a missing lock file fails', () => {
    expect(repository.stack(bucket('Uploads'), { ci: true })).toContain('there is no lock file');
    expect(repository.hasLock).toBe(false);
  });

  test.each(['CI', 'CODEBUILD_BUILD_ID', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION'])('%s tells that it is one', name => {
    const before = process.env[name];
    process.env[name] = 'true';
    try {
      expect(repository.stack(bucket('Uploads'), { ci: undefined })).toContain('there is no lock file');
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });
});

describe('stacks', () => {
  test('a nested stack is guarded, and so is its own logical id', () => {
    const nested = (id: string, key = 'id') => (stack: Stack) => table(key)(new NestedStack(stack, id));
    repository.stack(nested('Data'));
    expect(repository.stack(nested('Data', 'pk'))).toContain('OrdersA9B65338 in Shop/Data) would be replaced');
    expect(repository.stack(nested('Store'))).toContain('deletes a nested stack, with all that it holds');
    expect(repository.stack(stack => {
      nested('Data')(stack);
      (stack.node.findChild('Data') as NestedStack).nestedStackResource!.overrideLogicalId('Another');
    })).toContain('was Shop/DataNestedStackDataNestedStackResource');
  });

  test('a resource that moves to another stack is found there', () => {
    repository.synth(app => bucket('Uploads')(new Stack(app, 'A')));
    expect(repository.synth(app => {
      new Stack(app, 'A');
      bucket('Uploads')(new Stack(app, 'B'));
    })).toContain('in the stack B: was it moved?');
  });

  test('stages are guarded, with stacks of the same name in two accounts apart', () => {
    const build = (...keys: string[]) => (app: App) => ['eu', 'us'].forEach((name, index) => {
      const stage = new Stage(app, name, { env: { account: `${index + 1}`.repeat(12), region: 'eu-central-1' } });
      table(keys[index])(new Stack(stage, 'Api', { stackName: 'Api' }));
    });
    expect(repository.synth(build('id', 'id'))).toBe('');
    expect(Object.keys(repository.lock.stacks)).toEqual(['eu/Api', 'us/Api']);
    const message = repository.synth(build('id', 'pk'));
    expect(message).toContain('us/Api/Orders');
    expect(message).not.toContain('eu/Api/Orders');
  });

  test('a stack whose construct moves under the same name is the same stack', () => {
    repository.synth(app => bucket('Uploads')(new Stack(app, 'Old', { stackName: 'Shop' })));
    expect(repository.synth(app => bucket('Uploads')(new Stack(app, 'New', { stackName: 'Shop' })))).toBe('');
    expect(Object.keys(repository.lock.stacks)).toEqual(['New']);
  });

  test('a stack of a name that another has too is no other one', () => {
    const build = (...regions: string[]) => (app: App) => regions.forEach(region => {
      bucket('Uploads')(new Stack(app, region, { stackName: 'Shop', env: { account: '111111111111', region } }));
    });
    repository.synth(build('eu-central-1', 'us-east-1'));
    expect(repository.synth(build('eu-central-1', 'ap-south-1'))).toContain('us-east-1: the stack Shop with 1 guarded resource is no longer in the app');
  });

  test('a stack that is renamed would start again empty', () => {
    repository.synth(app => bucket('Uploads')(new Stack(app, 'Shop', { stackName: 'shop' })));
    expect(repository.synth(app => bucket('Uploads')(new Stack(app, 'Shop', { stackName: 'store' }))))
      .toContain('the stack is called store, and was shop');
  });

  test('the account of a stack may be unknown in one synth and known in the next', () => {
    repository.synth(app => table('id')(new Stack(app, 'Shop')));
    expect(repository.synth(app => table('id')(new Stack(app, 'Shop', { env: { account: '111111111111', region: 'us-east-1' } })), { ci: true })).toBe('');
  });

  test('a guard on one stack does not see the others', () => {
    const build = (app: App, other: boolean) => {
      const stack = new Stack(app, 'Production');
      bucket('Uploads')(stack);
      if (other) bucket('Scratch')(new Stack(app, 'Alice'));
      new StatefulGuard(stack, 'Guard', { lockFile: join(repository.directory, 'production.lock.json'), ci: false });
    };
    expect(repository.synth(app => build(app, true), { lockFile: join(repository.directory, 'all.lock.json') })).toBe('');
    expect(repository.synth(app => build(app, false))).toBe('');
  });

  test('a guard on a stage works in a pipeline that synthesizes it early', () => {
    const app = new App({ outdir: join(repository.directory, 'cdk.out') });
    const stage = new Stage(new Stack(app, 'Pipeline'), 'Production');
    new StatefulGuard(stage, 'Guard', { lockFile: repository.lockFile, ci: true });
    bucket('Uploads')(new Stack(stage, 'Shop'));
    expect(() => stage.synth()).toThrow('there is no lock file');
  });

  test('with something to look up are compared when the CLI has looked it up and comes again', () => {
    const lookedUp = (stack: Stack) => bucket('Uploads', {
      bucketName: `in-${ec2.Vpc.fromLookup(stack, 'Vpc', { isDefault: true }).vpcId}`,
    })(stack);
    const build = (app: App) => lookedUp(new Stack(app, 'Shop', { env: { account: '111111111111', region: 'eu-central-1' } }));
    expect(repository.synth(build, { ci: true })).toBe('');
    expect(repository.synth(build)).toBe('');
    expect(repository.hasLock).toBe(false);

    const key = 'vpc-provider:account=111111111111:filter.isDefault=true:region=eu-central-1:returnAsymmetricSubnets=true';
    const context = { [key]: { vpcId: 'vpc-1', vpcCidrBlock: '10.0.0.0/16', availabilityZones: [], subnetGroups: [] } };
    expect(repository.synth(build, {}, { context })).toBe('');
    expect(repository.lock.stacks.Shop.resources.Uploads4F6EB0FD.createOnly).toEqual({ BucketName: 'in-vpc-1' });
  });

  test('a guard changes no template', () => {
    const bare = new Stack(new App(), 'Shop');
    const guarded = new Stack(new App(), 'Shop');
    new StatefulGuard(guarded, 'Guard', { lockFile: repository.lockFile, ci: false });
    const told = jest.spyOn(console, 'error').mockReturnValue();
    for (const stack of [bare, guarded]) table('id')(stack);
    expect(Template.fromStack(guarded).toJSON()).toEqual(Template.fromStack(bare).toJSON());
    told.mockRestore();
  });
});

describe('types', () => {
  test('further types are guarded by choice, and given up by choice', () => {
    const queue = (id: string, fifo?: boolean) => (stack: Stack) => void new sqs.CfnQueue(stack, id, { fifoQueue: fifo });
    const guarded = { additionalTypes: ['AWS::SQS::Queue'] };
    repository.stack(queue('Jobs'), guarded);
    expect(repository.stack(queue('Jobs', true), guarded)).toContain("FifoQueue: not given → 'true'");
    expect(repository.stack(queue('Others'), guarded)).toContain('would disappear');
    expect(repository.stack(queue('Jobs'))).toBe('');
    expect(repository.lock.stacks).toEqual({});
  });

  test('a type that the guard knows nothing of keeps its logical id', () => {
    const custom = (id: string) => (stack: Stack) => void new CfnResource(stack, id, { type: 'Custom::Tenant' });
    repository.stack(custom('First'), { additionalTypes: ['Custom::Tenant'] });
    expect(repository.stack(custom('Second'), { additionalTypes: ['Custom::Tenant'] })).toContain('would disappear');
  });

  test('a lock file of another list of properties learns new ones, and holds the ones that it has', () => {
    repository.stack(bucket('Uploads', { bucketName: 'one', objectLockEnabled: true }));
    repository.edit(lock => {
      lock.types['AWS::S3::Bucket'] = 'of-an-older-version';
      delete lock.stacks.Shop.resources.Uploads4F6EB0FD.createOnly.ObjectLockEnabled;
      lock.stacks.Shop.resources.Uploads4F6EB0FD.createOnly.NoLongerCreateOnly = 'x';
    });
    expect(repository.stack(bucket('Uploads', { bucketName: 'two', objectLockEnabled: true }))).toContain('BucketName');
    expect(repository.stack(bucket('Uploads', { bucketName: 'one', objectLockEnabled: true }))).toBe('');
    expect(repository.lock.stacks.Shop.resources.Uploads4F6EB0FD.createOnly).toEqual({ BucketName: 'one', ObjectLockEnabled: 'true' });
  });
});

describe('a lock file that cannot be used', () => {
  const broken = (text: string) => {
    writeFileSync(repository.lockFile, text);
    const message = repository.stack(bucket('Uploads'));
    expect(repository.text).toBe(text);
    expect(readdirSync(join(repository.directory, 'cdk.out'))).not.toContain('manifest.json');
    return message;
  };

  test('with the marks of a merge conflict', () => {
    expect(broken('{\n<<<<<<< HEAD\n  "format": 1\n=======\n  "format": 1\n>>>>>>> branch\n}')).toContain('merge conflict');
  });

  test('of a newer format', () => {
    expect(broken('{ "format": 2 }')).toContain('newer version of cdk-web-platform');
  });

  test.each([
    '', '[]', 'null', '{', '{}', '{ "format": 1 }', '{ "format": "1", "types": {}, "stacks": {}, "released": {} }',
    '{ "format": 1, "types": {}, "released": {}, "stacks": { "A": {} } }',
    '{ "format": 1, "types": {}, "released": {}, "stacks": { "A": { "stackName": "A", "resources": { "B": { "type": 5 } } } } }',
  ])('that is damaged: %s', text => {
    expect(broken(text)).toContain('the lock file is damaged');
  });

  test('that cannot be read or written', () => {
    mkdirSync(repository.lockFile);
    expect(repository.stack(bucket('Uploads'))).toContain('cannot be read');
    const lockFile = join(repository.directory, 'no-such-directory', 'lock.json');
    expect(repository.stack(bucket('Uploads'), { lockFile })).toContain('cannot be written');
  });

  test('in a directory that nobody may write to stays as it was, with nothing beside it', () => {
    repository.stack(bucket('Uploads'));
    const before = repository.text;
    // The rename of a finished draft fails in the same way for root, who may write everywhere.
    const rename = jest.spyOn(jest.requireActual<typeof import('fs')>('fs'), 'renameSync').mockImplementation(() => { throw new Error('EROFS'); });
    chmodSync(repository.lockFile, 0o444);
    expect(repository.stack(stack => { bucket('Uploads')(stack); bucket('More')(stack); })).toContain('cannot be written');
    rename.mockRestore();
    expect(repository.text).toBe(before);
    expect(readdirSync(repository.directory).sort()).toEqual(['cdk.out', 'stateful.lock.json']);
  });

  test('in the output of the synth', () => {
    expect(repository.stack(bucket('Uploads'), { lockFile: join(repository.directory, 'cdk.out', 'lock.json') })).toContain('thrown away');
  });
});

describe('props', () => {
  const guard = (props: object, scope: (app: App) => Construct = app => app) => () => void new StatefulGuard(scope(new App()), 'Guard', props);

  test.each([
    [{ lockFile: 'stateful.yaml' }, 'ends in .json'],
    [{ lockFile: 5 }, 'ends in .json'],
    [{ lockFile: Token.asString({ Ref: 'X' }) }, 'only known at deployment'],
    [{ ci: 'false' }, 'not a boolean'],
    [{ additionalTypes: 'AWS::SQS::Queue' }, 'not a list'],
    [{ additionalTypes: ['Queue'] }, 'not well-formed'],
    [{ additionalTypes: [undefined] }, 'is missing'],
  ])('%j is refused', (props, message) => {
    expect(guard(props)).toThrow(message);
  });

  test('a scope without stacks is refused', () => {
    expect(guard({}, app => new Construct(new Stack(app, 'Shop'), 'Part'))).toThrow('a guard is for whole stacks');
  });

  test('two guards with one lock file are refused', () => {
    const app = new App();
    new StatefulGuard(app, 'A');
    expect(() => new StatefulGuard(new Stage(app, 'S'), 'B')).toThrow('two guards have one lock file');
  });
});
