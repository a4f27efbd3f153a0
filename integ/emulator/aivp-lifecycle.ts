import * as path from 'path';
import { CloudFormationClient, DescribeStacksCommand, paginateListStackResources, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createHostedZone, createSecret } from './account';
import { CdkCli, CdkError } from './cdk';
import { DeployedService, RunningService } from './deployed-service';
import { Emulator } from './emulator';
import { ownRepositories, pushAsRepositoriesAppear, pushImage } from './images';
import { pythonEnvironment, PythonEnvironment, REPOSITORY } from './python';

const STACK = 'AivpProd';
const API = path.join(REPOSITORY, 'examples/aivp/api');
const HEALTH_PATHS = ['/health', '/api/health/db', '/api/health/redis'];

/** What an address of the running API answered. */
export interface HealthAnswer {
  readonly path: string;
  readonly status: number;
  readonly body: { readonly [field: string]: unknown };
}

/** What stands at the end of a lifecycle. */
export interface Retained {
  readonly kind: string;
  readonly name: string;
}

/** The life of examples/aivp's production environment, one method for each thing that happens to it. */
export class AivpLifecycle {
  public static async begin(emulator: Emulator): Promise<AivpLifecycle> {
    const python = await pythonEnvironment('aivp', path.join(API, 'requirements.txt'));
    return new AivpLifecycle(emulator, python);
  }

  private readonly cdk: CdkCli;
  private hostedZoneId = '';

  private constructor(private readonly emulator: Emulator, private readonly python: PythonEnvironment) {
    this.cdk = new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/lifecycle-app.ts');
  }

  /** What a team does once for an account: bootstrap, its domain, and the secret with its own keys. */
  public async prepareAccount(): Promise<void> {
    await this.cdk.bootstrap();
    this.hostedZoneId = await createHostedZone(this.emulator, 'aivp.example.com');
    await createSecret(this.emulator, 'aivp/production/keys', {
      OPENAI_API_KEY: 'sk-openai', REPLICATE_API_KEY: 'r8-replicate', SUNO_API_KEY: 'suno', JWT_SECRET: 'jwt',
    });
  }

  /** The first deployment, into an account without any image: it waits for the push that a pipeline does beside it. */
  public async create(): Promise<void> {
    await Promise.all([this.deploy({}), pushAsRepositoriesAppear(this.emulator, 1, 'v1')]);
  }

  public async changeImage(version: string): Promise<void> {
    const [repository] = await ownRepositories(this.emulator);
    await pushImage(this.emulator, repository, version);
    await this.deploy({ version });
  }

  public async changeCpu(version: string, cpu: string): Promise<void> {
    await this.deploy({ version, cpu });
  }

  /** A release whose image was never pushed; answers what state the stack is in then, and what the CLI said. */
  public async releaseOfMissingImage(cpu: string): Promise<{ readonly status: string; readonly said: string }> {
    let said = '';
    try {
      await this.deploy({ version: 'v3', cpu });
    } catch (error) {
      if (!(error instanceof CdkError)) throw error;
      said = error.output;
    }
    const { Stacks } = await new CloudFormationClient(this.emulator.clientSettings).send(new DescribeStacksCommand({ StackName: STACK }));
    return { status: Stacks![0].StackStatus!, said };
  }

  private deploy(context: { readonly [name: string]: string }): Promise<string> {
    return this.cdk.deploy([STACK], { context: { hostedZoneId: this.hostedZoneId, ...context }, quiet: true });
  }

  public deployedService(): Promise<DeployedService> {
    return DeployedService.find(this.emulator, STACK, 'ApiService');
  }

  /** Runs the example's migration as the database's owner, as a release will. */
  public async migrate(): Promise<void> {
    const owner = (await this.resources()).find(({ LogicalResourceId: id, ResourceType: type }) => type === 'AWS::SecretsManager::Secret' && id!.includes('Owner'));
    const service = await this.deployedService();
    await service.run([path.join(this.python.bin, 'alembic'), 'upgrade', 'head'], API, { MIGRATION_DATABASE_URL: `${owner!.PhysicalResourceId}:url::` });
  }

  /** Starts the example's process with exactly the environment of the deployed task definition. */
  public async start(): Promise<RunningService> {
    const service = await this.deployedService();
    return service.start({
      cwd: API,
      command: port => [path.join(this.python.bin, 'uvicorn'), 'aivp.main:app', '--host', '127.0.0.1', '--port', `${port}`],
    });
  }

  public async health(running: RunningService): Promise<HealthAnswer[]> {
    return Promise.all(HEALTH_PATHS.map(async address => {
      const response = await fetch(`${running.url}${address}`);
      return { path: address, status: response.status, body: await response.json() as HealthAnswer['body'] };
    }));
  }

  public async resources(): Promise<StackResourceSummary[]> {
    const found: StackResourceSummary[] = [];
    for await (const page of paginateListStackResources({ client: new CloudFormationClient(this.emulator.clientSettings) }, { StackName: STACK })) {
      found.push(...page.StackResourceSummaries ?? []);
    }
    return found;
  }

  /** Takes the protection away, destroys the stack, and answers which of its databases, secrets and buckets are still there, asked of their own services. */
  public async destroy(version: string): Promise<{ readonly kept: Retained[]; readonly lost: Retained[] }> {
    await this.deploy({ version, unprotected: 'true' });
    const before = await this.resources();
    await this.cdk.destroy([STACK], { context: { hostedZoneId: this.hostedZoneId, version }, quiet: true });
    const kept: Retained[] = [];
    const lost: Retained[] = [];
    for (const { ResourceType: kind = '', PhysicalResourceId: name = '' } of before) {
      const exists = await this.exists(kind, name);
      if (exists !== undefined) (exists ? kept : lost).push({ kind, name });
    }
    return { kept, lost };
  }

  /** Whether a stateful resource exists; undefined for resources that hold no data. */
  private async exists(kind: string, name: string): Promise<boolean | undefined> {
    const settings = this.emulator.clientSettings;
    switch (kind) {
      case 'AWS::RDS::DBInstance':
        return succeeds(new RDSClient(settings).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name })));
      case 'AWS::SecretsManager::Secret':
        return succeeds(new SecretsManagerClient(settings).send(new DescribeSecretCommand({ SecretId: name })));
      case 'AWS::S3::Bucket':
        return succeeds(new S3Client({ ...settings, forcePathStyle: true }).send(new HeadBucketCommand({ Bucket: name })));
      default:
        return undefined;
    }
  }
}

async function succeeds(call: Promise<unknown>): Promise<boolean> {
  return call.then(() => true, () => false);
}

