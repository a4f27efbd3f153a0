import * as fs from 'fs';
import * as path from 'path';
import { CloudWatchLogsClient, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { createHostedZone, createSecret } from './account';
import { HealthAnswer, SERVICE } from './aivp-lifecycle';
import { layOut } from './aivp-versions';
import { CdkCli } from './cdk';
import { DeployedService } from './deployed-service';
import { ACCOUNT, Emulator, REGION } from './emulator';
import { ownRepositories, pushAsRepositoriesAppear } from './images';
import { run } from './process';
import { Program } from './programs';
import { pythonEnvironment, PythonEnvironment, REPOSITORY } from './python';
import { DeliveryHub, DeliveryRun } from '../../test/delivery/delivery-run';

const EXAMPLE = path.join(REPOSITORY, 'examples/aivp');
const STAND_INS = path.join(REPOSITORY, 'test/delivery/stand-ins');

/** Each environment of the example: its stack, and the address that its smoke tests ask. */
export const ENVIRONMENTS = {
  staging: { stack: 'AivpStaging', host: 'api.staging.aivp.example.com' },
  production: { stack: 'AivpProd', host: 'api.aivp.example.com' },
} as const;
export type EnvironmentName = keyof typeof ENVIRONMENTS;

/** What a release is called that a run of the workflow makes. */
export const releaseOf = (runNumber: number) => `${runNumber}.1-01234567`;

/** What `cdk deploy` was called with. */
export interface CdkDeployment {
  readonly stack: string;
  /** Hash of the assembly's files. */
  readonly files: string;
  readonly milliseconds: number;
}

/** examples/aivp as a team's repository on GitHub, with both environments in one account of the emulator. */
export class DeliveryWorld {
  public static async create(emulator: Emulator): Promise<DeliveryWorld> {
    const python = await pythonEnvironment('aivp', path.join(EXAMPLE, 'api/requirements.txt'));
    const aws = await pythonEnvironment('aws', 'integ/emulator/aws-cli.txt');
    emulator.dataPlane.deployments.run(SERVICE, { command: port => ['uvicorn', 'aivp.main:app', '--host', '127.0.0.1', '--port', `${port}`] });
    const judges = await pythonEnvironment('judges', 'test/judges/requirements.txt');
    const world = new DeliveryWorld(emulator, python, path.join(aws.bin, 'aws'), judges.bin);
    const zone = await createHostedZone(emulator, 'aivp.example.com');
    for (const profile of ['staging', 'production']) {
      await createSecret(emulator, `aivp/${profile}/keys`, { OPENAI_API_KEY: 'a', REPLICATE_API_KEY: 'b', SUNO_API_KEY: 'c', JWT_SECRET: 'd' });
    }
    world.layOutRepository(zone);
    return world;
  }

  public readonly hub: DeliveryHub;
  /** How long each script took that ran since the list was emptied. */
  public readonly scripts: { readonly step: string; readonly milliseconds: number }[] = [];
  private readonly repository: string;
  private readonly repositories = new Map<EnvironmentName, string>();

  private constructor(private readonly emulator: Emulator, private readonly python: PythonEnvironment, aws: string, judges: string) {
    this.repository = path.join(emulator.directory, 'repository');
    this.hub = new DeliveryHub(undefined, {
      programs: path.join(__dirname, 'delivery-programs'),
      repository: this.repository,
      environment: {
        ...emulator.environment,
        // As on GitHub: the CDK's command line says everything on the standard output.
        CI: 'true',
        REPOSITORY,
        STAND_INS,
        AWS_PROGRAM: aws,
        JUDGES: judges,
        CURL_HOME: emulator.directory,
        // The example imports the library by its name.
        TSX_TSCONFIG_PATH: path.join(REPOSITORY, 'tsconfig.dev.json'),
      },
      onScript: (step, milliseconds) => this.scripts.push({ step, milliseconds }),
    });
    fs.symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(this.hub.home, 'node_modules'));
    fs.symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(emulator.directory, 'node_modules'));
  }

  /** What docs/delivery.md says to do once, apart from roles: a deployment by hand, so that there are repositories to push to. */
  public async deployByHand(): Promise<void> {
    await new CdkCli(this.emulator, '').bootstrap();
    for (const name of Object.keys(ENVIRONMENTS) as EnvironmentName[]) {
      const before = await ownRepositories(this.emulator);
      const deployment = run([path.join(REPOSITORY, 'node_modules/.bin/cdk'), 'deploy', ENVIRONMENTS[name].stack, '--require-approval', 'never', '--ci', '--no-notices'], {
        cwd: this.repository, environment: { ...this.emulator.processEnvironment(), ...this.hub.options.environment },
      });
      await Promise.all([deployment, pushAsRepositoriesAppear(this.emulator, 1, 'v1', this.program('v1'))]);
      const [repository] = (await ownRepositories(this.emulator)).filter(one => !before.includes(one));
      this.repositories.set(name, `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${repository}`);
    }
    await this.resolve();
  }

  /** Lets curl find the load balancers at the addresses that users have, and nothing where `lost` should be. */
  public async resolve(lost?: EnvironmentName): Promise<void> {
    const lines = await Promise.all((Object.keys(ENVIRONMENTS) as EnvironmentName[]).map(async name => {
      const port = name === lost ? 1 : new URL(await this.emulator.dataPlane.traffic.url((await this.service(name)).service.serviceName!)).port;
      return `connect-to = "${ENVIRONMENTS[name].host}:443:127.0.0.1:${port}"`;
    }));
    const settings = [...lines, `cacert = "${this.emulator.authority.certificate}"`, 'noproxy = "*"'];
    fs.writeFileSync(path.join(this.emulator.directory, '.curlrc'), `${settings.join('\n')}\n`);
  }

  /** A run of one of the example's workflows, as they are committed. */
  public begin(workflow: string, runNumber: number, inputs: { readonly [name: string]: string } = {}): DeliveryRun {
    return this.hub.run(fs.readFileSync(path.join(EXAMPLE, '.github/workflows', workflow), 'utf8'), runNumber, inputs);
  }

  /** Builds and synthesizes. What the built image runs is the source of a version of aivp-versions.ts. */
  public async build(delivery: DeliveryRun, version: string): Promise<string> {
    await delivery.jobs('settings', 'verify', 'image');
    const digest = delivery.artifact('digest-api', 'api.digest').trim();
    this.emulator.programs.set(digest, this.program(version));
    await delivery.jobs('synth');
    return digest;
  }

  /** Runs a job with the variables of an environment. */
  public in(environment: EnvironmentName, delivery: DeliveryRun, job: string): Promise<string> {
    this.hub.vars = { DELIVERY_ROLE_ARN: 'unused', DELIVERY_REPOSITORY_API: this.repositories.get(environment)! };
    return delivery.jobs(job);
  }

  public deployments(): CdkDeployment[] {
    return this.hub.read('deployments').split('\n').filter(Boolean).map(line => line.split(' ')).map(([stack, files, milliseconds]) =>
      ({ stack, files, milliseconds: Number(milliseconds) }));
  }

  public service(environment: EnvironmentName): Promise<DeployedService> {
    return DeployedService.find(this.emulator, ENVIRONMENTS[environment].stack, SERVICE);
  }

  /** What the environment's API answers to users. */
  public async health(environment: EnvironmentName): Promise<HealthAnswer['body']> {
    const { body } = await this.emulator.dataPlane.traffic.get((await this.service(environment)).service.serviceName!, '/health');
    return JSON.parse(body);
  }

  /** As an operator in a hurry would, past CloudFormation. */
  public async changeByHand(environment: EnvironmentName): Promise<void> {
    const { options } = (await this.service(environment)).container().logConfiguration!;
    await new CloudWatchLogsClient(this.emulator.clientSettings).send(
      new PutRetentionPolicyCommand({ logGroupName: options!['awslogs-group'], retentionInDays: 1 }));
  }

  private layOutRepository(zone: string): void {
    fs.cpSync(EXAMPLE, this.repository, { recursive: true, filter: source => !source.includes('__pycache__') });
    const app = path.join(this.repository, 'app.ts');
    fs.writeFileSync(app, fs.readFileSync(app, 'utf8').replace('Z0123456789EXAMPLE', zone));
  }

  private program(version: string): Program {
    return { directory: layOut(version, this.emulator.directory), binaries: this.python.bin };
  }
}
