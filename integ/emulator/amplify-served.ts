import { ChildProcess } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { AssumeRoleCommand, Credentials, STSClient } from '@aws-sdk/client-sts';
import { parse } from 'yaml';
import { Variables } from './amplify-world';
import { ACCOUNT, Emulator, REGION } from './emulator';
import { freePort, ProcessResult, runToEnd, start, stop, temporaryDirectory, waitFor } from './process';
import { REPOSITORY } from './python';

const SOURCES = path.join(REPOSITORY, 'examples/rpg/web');

export interface Built extends ProcessResult {
  readonly directory: string;
}

interface Phases {
  readonly phases: { readonly [phase: string]: { readonly commands: string[] } };
}

/** Builds a copy of the example's app as Amplify does: every command of the deployed build spec in one bash, with the branch's variables. */
export async function buildAsAmplify(emulator: Emulator, stack: string, branch: string, variables: Variables): Promise<Built> {
  const directory = temporaryDirectory(emulator.directory, 'repository');
  fs.cpSync(SOURCES, directory, { recursive: true, filter: source => !/\/(node_modules|\.next|\.env\.production)$/.test(source) });
  const { backend, frontend }: { backend?: Phases; frontend: Phases } = parse(buildSpecOf(emulator, stack));
  const commands = [backend, frontend].flatMap(part => ['preBuild', 'build', 'postBuild'].flatMap(phase => part?.phases[phase]?.commands ?? []));
  const script = path.join(emulator.directory, 'amplify.sh');
  fs.writeFileSync(script, commands.map(command => `${command}\ncode=$?; [ $code -eq 0 ] || exit $code\n`).join('\n'));
  const environment = {
    PATH: process.env.PATH, HOME: process.env.HOME, AWS_BRANCH: branch, AWS_APP_ID: variables.AMPLIFY_APP_ID, AWS_REGION: REGION, CI: 'true', ...variables,
  };
  const built = await runToEnd(['bash', script], { cwd: directory, environment: { ...environment, NODE_ENV: undefined } as unknown as NodeJS.ProcessEnv });
  return { ...built, directory };
}

function buildSpecOf(emulator: Emulator, stack: string): string {
  return fs.readFileSync(path.join(emulator.directory, 'cdk.out', `${stack}.buildspec.yml`), 'utf8');
}

/** Those of a role, by which the emulator checks signed addresses. */
async function credentialsOf(emulator: Emulator, role: string): Promise<Credentials> {
  const request = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`, RoleSessionName: 'server' });
  return (await new STSClient(emulator.clientSettings).send(request)).Credentials!;
}

/** An answer of the app. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The built app with its server running as it does on Amplify: it has its file of variables, the credentials of its branch's role and nothing else. */
export class ServedApp {
  public static async start(emulator: Emulator, directory: string, role: string): Promise<ServedApp> {
    const credentials = await credentialsOf(emulator, role);
    const port = await freePort();
    const server = start(['node_modules/.bin/next', 'start', '--hostname', '127.0.0.1', '--port', `${port}`], {
      cwd: directory,
      logFile: path.join(emulator.directory, 'next.log'),
      environment: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        AWS_REGION: REGION,
        AWS_ENDPOINT_URL: emulator.environment.AWS_ENDPOINT_URL,
        AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: credentials.SessionToken,
      },
    });
    const app = new ServedApp(server, directory, `http://127.0.0.1:${port}`);
    await waitFor('the app', 60, () => app.get('/login'), server);
    return app;
  }

  private constructor(private readonly server: ChildProcess, private readonly directory: string, private readonly url: string) {}

  public get(where: string, cookie?: string): Promise<Answer> {
    return this.ask(where, { headers: cookie ? { cookie } : {} });
  }

  public post(where: string, body: object, cookie: string): Promise<Answer> {
    return this.ask(where, { method: 'POST', body: JSON.stringify(body), headers: { cookie } });
  }

  /** What a browser has after sign-in. */
  public async sessionOf(sub: string, secret: string): Promise<string> {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- of the app that was built just now
    const { encode } = require(path.join(this.directory, 'node_modules/next-auth/jwt'));
    return `__Secure-next-auth.session-token=${await encode({ token: { sub }, secret })}`;
  }

  public stop(): Promise<void> {
    return stop(this.server);
  }

  private async ask(where: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.url}${where}`, { ...init, redirect: 'manual' });
    return { status: response.status, text: await response.text() };
  }
}
