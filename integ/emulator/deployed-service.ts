import { ChildProcess } from 'child_process';
import * as net from 'net';
import * as path from 'path';
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { ContainerDefinition, DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient, Service, TaskDefinition } from '@aws-sdk/client-ecs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { behindProxy } from './database-proxy';
import type { Emulator } from './emulator';
import { freePort, run, start, stop, waitFor } from './process';

/** How a service's process is started. */
export interface RunningServiceOptions {
  /** The command, given the port of 127.0.0.1 that stands for the container's; 0 for a container without ports. */
  readonly command: (port: number) => readonly string[];
  /** @default - the repository's root */
  readonly cwd?: string;
  /** Folder that comes first in the process' PATH. */
  readonly binaries?: string;
  /** Whose environment the process gets. @default - the first essential container */
  readonly container?: string;
  /** @default - the container's first port mapping */
  readonly containerPort?: number;
  /** What the container gets besides what its definition says. @default - nothing */
  readonly surroundings?: { readonly [name: string]: string };
  /** @default 30 */
  readonly secondsToStart?: number;
}

/** A service's process; it lives until it is stopped. */
export interface RunningService {
  readonly url: string;
  readonly port: number;
  readonly containerPort: number;
  readonly logFile: string;
  /** Whether the process has ended by itself, or was stopped. */
  readonly hasEnded: boolean;
  stop(): Promise<void>;
}

/** A service as it was deployed: read back from ECS, not from the template. */
export class DeployedService {
  /**
   * Finds the services of a stack.
   * @param logicalId only those whose logical id begins so
   */
  public static async findAll(emulator: Emulator, stackName: string, logicalId: string = ''): Promise<DeployedService[]> {
    const services: DeployedService[] = [];
    for await (const page of paginateListStackResources({ client: new CloudFormationClient(emulator.clientSettings) }, { StackName: stackName })) {
      for (const resource of page.StackResourceSummaries ?? []) {
        if (resource.ResourceType === 'AWS::ECS::Service' && resource.LogicalResourceId!.startsWith(logicalId)) {
          services.push(await DeployedService.read(emulator, resource.PhysicalResourceId!));
        }
      }
    }
    return services;
  }

  /** Finds the one service. */
  public static async find(emulator: Emulator, stackName: string, logicalId: string = ''): Promise<DeployedService> {
    const services = await DeployedService.findAll(emulator, stackName, logicalId);
    if (services.length !== 1) {
      throw new Error(`${stackName} has ${services.length} services that begin with "${logicalId}": ${services.map(({ service }) => service.serviceName)}`);
    }
    return services[0];
  }

  /**
   * Reads a service back.
   * @param taskDefinition another one than the service has now, for example that of a revision on its way in
   */
  public static async read(emulator: Emulator, arn: string, taskDefinition?: string): Promise<DeployedService> {
    const ecs = new ECSClient(emulator.clientSettings);
    const [, , , , , name] = arn.split(':');
    const cluster = name.split('/')[1];
    const service = (await ecs.send(new DescribeServicesCommand({ cluster, services: [arn] }))).services![0];
    const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: taskDefinition ?? service.taskDefinition }));
    return new DeployedService(emulator, service, answer.taskDefinition!);
  }

  private constructor(
    private readonly emulator: Emulator,
    public readonly service: Service,
    public readonly taskDefinition: TaskDefinition,
  ) {}

  /** @param name @default - the first essential container */
  public container(name?: string): ContainerDefinition {
    const containers = this.taskDefinition.containerDefinitions!;
    const container = containers.find((one) => name ? one.name === name : one.essential !== false);
    if (!container) {
      throw new Error(`${this.taskDefinition.family} has no container ${name}; it has ${containers.map((one) => one.name)}`);
    }
    return container;
  }

  /** The environment that ECS would give the container: plain variables, and every secret resolved. */
  public async environment(containerName?: string): Promise<{ [name: string]: string }> {
    const container = this.container(containerName);
    const environment = Object.fromEntries((container.environment ?? []).map(({ name, value }) => [name!, value!]));
    for (const { name, valueFrom } of container.secrets ?? []) {
      environment[name!] = await resolveSecret(this.emulator, valueFrom!);
    }
    return environment;
  }

  /** Starts the container's process with exactly the container's environment, and waits for its port. */
  public async start(options: RunningServiceOptions): Promise<RunningService> {
    const container = this.container(options.container);
    const containerPort = options.containerPort ?? container.portMappings?.[0]?.containerPort ?? 0;
    const port = containerPort ? await freePort() : 0;
    const logFile = path.join(this.emulator.directory, `${this.service.serviceName}.log`);
    const environment = this.processEnvironment(await behindProxy(this.emulator, await this.environment(container.name)), options);
    const child = start(options.command(port), { cwd: options.cwd, logFile, environment });
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    try {
      // What has no port has started when it lives for a moment.
      const attempt = port ? () => connect(port) : () => hasLivedFor(child, 500);
      await waitFor(`${this.service.serviceName} on port ${port}, log in ${logFile}`, options.secondsToStart ?? 30, attempt, child);
    } catch (error) {
      await stop(child);
      throw error;
    }
    return { url: `http://127.0.0.1:${port}`, port, containerPort, logFile, stop: () => stop(child), get hasEnded() { return hasEnded(); } };
  }

  /**
   * Runs a command to its end, for example a migration, with the container's environment.
   * @param secrets further variables: the ARN of a secret, or its `arn:json-key:version-stage:version-id`
   */
  public async run(command: readonly string[], cwd?: string, secrets: { readonly [name: string]: string } = {}): Promise<string> {
    const environment = await this.environment();
    for (const [name, valueFrom] of Object.entries(secrets)) {
      environment[name] = await resolveSecret(this.emulator, valueFrom);
    }
    return run(command, { cwd, environment: this.processEnvironment(environment) });
  }

  private processEnvironment(
    environment: { [name: string]: string }, { binaries, surroundings }: Pick<RunningServiceOptions, 'binaries' | 'surroundings'> = {},
  ): NodeJS.ProcessEnv {
    return {
      ...surroundings,
      ...environment,
      // Where the interpreter is: in a container, the image says so.
      PATH: [binaries, process.env.PATH].filter(Boolean).join(path.delimiter),
      // The databases' certificates are signed by an authority of the emulator; on AWS, an image trusts Amazon's.
      SSL_CERT_FILE: this.emulator.authority.certificate,
      NODE_EXTRA_CA_CERTS: this.emulator.authority.certificate,
    };
  }
}

/** Resolves what `secrets[].valueFrom` of a container may hold: an ARN, and optionally `:json-key:version-stage:version-id`. */
export async function resolveSecret(emulator: Emulator, valueFrom: string): Promise<string> {
  const parts = valueFrom.split(':');
  if (parts[2] !== 'secretsmanager') {
    throw new Error(`${valueFrom}: only secrets of Secrets Manager are resolved here`);
  }
  const [jsonKey, stage, version] = parts.slice(7);
  const { SecretString: value } = await new SecretsManagerClient(emulator.clientSettings).send(new GetSecretValueCommand({
    SecretId: parts.slice(0, 7).join(':'),
    VersionStage: stage || undefined,
    VersionId: version || undefined,
  }));
  if (!jsonKey) {
    return value!;
  }
  const field = JSON.parse(value!)[jsonKey];
  if (field === undefined) {
    // ECS does not start the task either.
    throw new Error(`${valueFrom}: the secret has no field ${jsonKey}; it has ${Object.keys(JSON.parse(value!))}`);
  }
  return typeof field === 'string' ? field : JSON.stringify(field);
}

async function hasLivedFor(child: ChildProcess, milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Error('the process has ended');
  }
}

function connect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}
