/*
 * An operator's commands on examples/aivp, deployed to the emulator: what doctor finds before and after the account is prepared, a release taken back,
 * one that is under way rolled back, and a schema change undone by the deployed function on the real PostgreSQL.
 */
import { execFile } from 'child_process';
import * as path from 'path';
import { NameServer } from './cli-name-server';
import { SERVICE, STACK } from './emulator/aivp-lifecycle';
import { Checks } from './emulator/checks';
import { Emulator } from './emulator/emulator';
import { run } from './emulator/process';
import { REPOSITORY } from './emulator/python';
import { ReleaseWorld } from './emulator/release-world';

const ZONE = 'aivp.example.com';
const BAKE_SECONDS_PER_MINUTE = 2;
const QUICK_SECONDS_PER_MINUTE = 0.2;

/** What a command said, and how it ended. */
interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it said as JSON. */
  readonly json: any;
}

/** All of it, in the order in which a team meets it. */
export async function operate(emulator: Emulator, program: string, checks: Checks): Promise<void> {
  const operator = new Operator(emulator, program, checks);
  await operator.examineEmptyAccount();
  const world = await ReleaseWorld.create(emulator);
  world.deployments.options.secondsPerMinute = QUICK_SECONDS_PER_MINUTE;
  try {
    await checks.step('deploying examples/aivp, v1 and then v2', async () => {
      await world.lifecycle.create();
      await world.lifecycle.release('v2');
    });
    await operator.examineReadyAccount(world);
    await operator.refuseWhatIsWrong();
    await operator.takeBack(world);
    await operator.rollBackOngoing(world);
    await operator.undo(world);
  } finally {
    await world.stop();
  }
}

class Operator {
  constructor(private readonly emulator: Emulator, private readonly program: string, private readonly checks: Checks) {}

  public async examineEmptyAccount(): Promise<void> {
    const assembly = await this.synthesize('Z0123456789EXAMPLE');
    const { code, json } = await this.call('doctor', '--app', assembly, '--dns-server', '127.0.0.1:1');
    const bad = this.findings(json, 'bad');
    this.checks.check('doctor ends with 1 in an empty account', code === 1, code);
    for (const missing of ['bootstrap', 'secret aivp/production/keys', 'domain']) {
      this.checks.check(`doctor misses: ${missing}`, bad.some(({ check, fix }) => check === missing && fix), json);
    }
  }

  public async examineReadyAccount(world: ReleaseWorld): Promise<void> {
    const assembly = await this.synthesize(world.lifecycle.zoneId);
    const names = await NameServer.start(ZONE);
    try {
      const delegated = await this.call('doctor', '--app', assembly, '--dns-server', names.address);
      const [domain] = this.findings(delegated.json, 'bad').filter(({ check }) => check === 'domain');
      this.checks.check('doctor says that the domain is delegated elsewhere', delegated.code === 1 && /elsewhere/.test(domain?.found), delegated.json);
      names.answer(domain.fix.match(/to: (.*)$/)![1].split(' '));
      const well = await this.call('doctor', '--app', assembly, '--dns-server', names.address);
      this.checks.check('doctor has nothing to say once it is', well.code === 0 && well.json.healthy, well.json ?? well.stderr);
      this.checks.check('doctor has read the secrets and told nobody', !/sk-openai|r8-replicate/.test(well.stdout + well.stderr), well.stdout);
    } finally {
      names.stop();
    }
  }

  public async refuseWhatIsWrong(): Promise<void> {
    const unasked = await this.call('rollback', '--stack', STACK);
    this.checks.check('nothing is rolled back without being meant', unasked.code === 2 && /--yes/.test(unasked.stderr), unasked);
    const nowhere = await this.call('rollback', '--stack', 'Nowhere', '--yes');
    this.checks.check('a stack that is not there is an error of the command', nowhere.code === 2 && /there is no such stack/.test(nowhere.stderr), nowhere);
    const unknown = await this.call('rollback', '--stack', STACK, '--service', 'Shop', '--yes');
    this.checks.check('a service that is not there too, with those that are', unknown.code === 2 && /allowed: ApiService/.test(unknown.stderr), unknown);
  }

  public async takeBack(world: ReleaseWorld): Promise<void> {
    const migrations = await world.migrations();
    const { code, json, stderr } = await this.checks.step('rollback', () => this.call('rollback', '--stack', STACK, '--yes'));
    this.checks.check('rollback succeeds', code === 0 && json?.status === 'SUCCESSFUL', json ?? stderr);
    await this.serves(world, 'v1');
    this.checks.check('no migration was run on the way back', await world.migrations() === migrations, [migrations, await world.migrations()]);
    const forth = await this.call('rollback', '--stack', STACK, '--to', json.from, '--yes');
    this.checks.check('rollback --to names a release', forth.code === 0 && forth.json?.to === json.from, forth);
    await this.serves(world, 'v2');
    const same = await this.call('rollback', '--stack', STACK, '--to', json.from, '--yes');
    this.checks.check('what serves already is not deployed again', same.code === 1 && /serves already/.test(same.stderr), same);
  }

  public async rollBackOngoing(world: ReleaseWorld): Promise<void> {
    world.deployments.options.secondsPerMinute = BAKE_SECONDS_PER_MINUTE;
    const before = world.deployments.of(SERVICE).length;
    await world.forceDeployment();
    await world.reaches('BAKE_TIME', before);
    const { code, json, stderr } = await this.checks.step('rollback of a release that bakes', () => this.call('rollback', '--stack', STACK, '--yes'));
    this.checks.check('the release that is under way goes back', code === 0 && /ROLLBACK_SUCCESSFUL|STOPPED/.test(json?.status), json ?? stderr);
    await this.serves(world, 'v2');
    world.deployments.options.secondsPerMinute = QUICK_SECONDS_PER_MINUTE;
  }

  public async undo(world: ReleaseWorld): Promise<void> {
    const revision = async () => (await world.lifecycle.query('SELECT version_num FROM alembic_version'))[0].version_num;
    this.checks.check('the schema is at 0002', await revision() === '0002', await revision());
    const { code, json, stderr } = await this.checks.step('undo-migration', () =>
      this.call('undo-migration', '--stack', STACK, '--yes', '--', 'alembic', 'downgrade', '-1'));
    this.checks.check('undo-migration succeeds, and shows what the tool said', code === 0 && json?.exitCode === 0 && json.lastLines.length > 0, json ?? stderr);
    this.checks.check('the schema is at 0001', await revision() === '0001', await revision());
    const wrong = await this.call('undo-migration', '--stack', STACK, '--yes', '--', 'alembic', 'downgrade', 'nowhere');
    this.checks.check('a command that fails ends with 1 and says why', wrong.code === 1 && /nowhere/.test(wrong.stderr) && !/\n {4}at /.test(wrong.stderr), wrong);
  }

  private async serves(world: ReleaseWorld, version: string): Promise<void> {
    const [{ status, body }] = await world.lifecycle.health();
    this.checks.check(`${version} serves`, status === 200 && body.version === version, { status, body });
  }

  /** The assembly of the app as it is deployed. */
  private async synthesize(hostedZoneId: string): Promise<string> {
    const directory = path.join(this.emulator.directory, 'cdk.out');
    await run(['npx', 'cdk', 'synth', '--quiet', '--output', directory, '--context', `hostedZoneId=${hostedZoneId}`, '--context', 'version=v2',
      '--app', 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/lifecycle-app.ts'], { cwd: REPOSITORY, environment: this.emulator.processEnvironment() });
    return directory;
  }

  private findings(json: any, status: string): { readonly check: string; readonly found: string; readonly fix: string }[] {
    return (json?.findings ?? []).filter((finding: any) => finding.status === status);
  }

  /** Runs a command with --json, as a script would. */
  private call(...args: string[]): Promise<Answer> {
    const environment = { ...this.emulator.processEnvironment(), CDK_WEB_PLATFORM_POLL_MILLISECONDS: '200' };
    return new Promise(resolve => execFile(this.program, ['--json', ...args], { env: environment }, (error, stdout, stderr) => {
      const code = error ? Number(error.code) : 0;
      resolve({ code, stdout, stderr, json: parse(stdout) });
    }));
  }
}

/** What is no JSON is a failed check's to show. */
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

