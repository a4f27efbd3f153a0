import * as path from 'path';
import { CloudFormationClient, DescribeStacksCommand, paginateListStackResources, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createHostedZone, createSecret } from './account';
import { layOut } from './aivp-versions';
import { CdkCli, CdkError } from './cdk';
import { DeployedService } from './deployed-service';
import { Emulator } from './emulator';
import { ownRepositories, pushAsRepositoriesAppear, pushImage } from './images';
import { Program } from './programs';
import { pythonEnvironment, PythonEnvironment, REPOSITORY } from './python';

export const STACK = 'AivpProd';
/** How the logical id of the API's service begins. */
export const SERVICE = 'ApiService';
const API = path.join(REPOSITORY, 'examples/aivp/api');
const HEALTH_PATHS = ['/health', '/api/health/db', '/api/health/redis'];

/** What an address of the running API answered. */
export interface HealthAnswer {
  readonly path: string;
  readonly status: number;
  readonly body: { readonly [field: string]: unknown };
}

/** How a deployment ended: the state of the stack, and what the CLI said where it failed. */
export interface Outcome {
  readonly status: string;
  readonly said: string;
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
    emulator.dataPlane.deployments.run(SERVICE, { command: port => ['uvicorn', 'aivp.main:app', '--host', '127.0.0.1', '--port', `${port}`] });
    return new AivpLifecycle(emulator, python);
  }

  private readonly cdk: CdkCli;
  private readonly pushed = new Set<string>();
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

  /** Id of the zone that `prepareAccount()` made. */
  public get zoneId(): string {
    return this.hostedZoneId;
  }

  /** The first deployment, into an account without any image: it waits for the push that a pipeline does beside it. */
  public async create(): Promise<void> {
    await Promise.all([this.deploy({}), pushAsRepositoriesAppear(this.emulator, 1, 'v1', this.program('v1'))]);
  }

  /** Builds and pushes a version, unless that was done before, and deploys it; that it fails is an answer as well. */
  public async release(version: string, context: { readonly [name: string]: string } = {}): Promise<Outcome> {
    if (!this.pushed.has(version)) {
      const [repository] = await ownRepositories(this.emulator);
      await pushImage(this.emulator, repository, version, this.program(version));
    }
    return this.tryToDeploy({ version, ...context });
  }

  /** Deploys a version that was pushed before, or never. */
  public async tryToDeploy(context: { readonly [name: string]: string }): Promise<Outcome> {
    let said = '';
    try {
      await this.deploy(context);
    } catch (error) {
      if (!(error instanceof CdkError)) throw error;
      said = error.output;
    }
    const { Stacks } = await new CloudFormationClient(this.emulator.clientSettings).send(new DescribeStacksCommand({ StackName: STACK }));
    return { status: Stacks![0].StackStatus!, said };
  }

  private program(version: string): Program {
    this.pushed.add(version);
    return { directory: layOut(version, this.emulator.directory), binaries: this.python.bin };
  }

  private deploy(context: { readonly [name: string]: string }): Promise<string> {
    return this.cdk.deploy([STACK], { context: { hostedZoneId: this.hostedZoneId, ...context }, quiet: true });
  }

  public deployedService(): Promise<DeployedService> {
    return DeployedService.find(this.emulator, STACK, SERVICE);
  }

  /** What a query of the deployed database answers. */
  public async query(statement: string): Promise<{ [column: string]: unknown }[]> {
    const [database] = this.emulator.dataPlane.databases.values();
    const client = await database.connect('app');
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** What the health addresses answer to users. */
  public async health(): Promise<HealthAnswer[]> {
    return Promise.all(HEALTH_PATHS.map(async address => {
      const { status = 0, body } = await this.emulator.dataPlane.traffic.get(SERVICE, address);
      return { path: address, status, body: JSON.parse(body) as HealthAnswer['body'] };
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

