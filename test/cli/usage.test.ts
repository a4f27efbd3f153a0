import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { call } from './program';

const COMMANDS = ['init', 'workflows', 'report', 'estimate', 'doctor', 'rollback', 'undo-migration'];

// Each call is a process.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => folder = mkdtempSync(join(tmpdir(), 'usage-')));
afterAll(() => rmSync(folder, { recursive: true }));

test('the help names every command and what the exit codes mean', async () => {
  const { code, stdout } = await call(['--help']);
  expect(code).toBe(0);
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 /);
});

test.each(COMMANDS)('%s has a help of its own', async command => {
  const { code, stdout } = await call([command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`cdk-web-platform ${command}`);
});

test('a command that does not exist ends with 2, with what was meant', async () => {
  const { code, stdout, stderr } = await call(['rollbck']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Did you mean rollback?');
});

test.each([
  [['rollback'], "required option '--stack <name>'"],
  [['undo-migration', '--stack', 'Shop'], "missing required argument 'command'"],
  [['init', '--pattern', 'kubernetes'], 'Allowed choices are fargate-api-with-rds'],
  [['init', '--npm', '--projen'], 'cannot be used with option'],
  [['estimate', '--region', 'mars-1'], 'Allowed choices are us-east-1, eu-central-1'],
  [['doctor', '--dns-server', 'localhost', '--app', '.'], 'allowed: an IP address'],
])('%j ends with 2 and one message', async (args, message) => {
  const { code, stdout, stderr } = await call(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test.each(['report', 'estimate', 'doctor'])('%s of an assembly that is gone says what to do, to machines as JSON', async command => {
  const { code, stdout, stderr } = await call([command, '--app', 'gone', '--json'], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toBe([
    `cdk-web-platform ${command}: there is no cloud assembly.`,
    `  got: ${join(folder, 'gone')}, which does not exist`,
    '  allowed: the folder that cdk synth writes, such as cdk.out',
    '  fix: run npx cdk synth, or leave --app out in the folder of your cdk.json\n',
  ].join('\n'));
  expect(JSON.parse(stdout)).toEqual({ error: { message: stderr.trimEnd() } });
});

test.each(['report', 'estimate', 'doctor', 'workflows'])('%s in a folder without an app says so', async command => {
  const { code, stderr } = await call([command], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toContain('there is no CDK app in this folder');
});

test('the stack trace of an error is for those who ask for it', async () => {
  const { stderr } = await call(['estimate', '--app', 'gone', '--debug'], { cwd: folder });
  expect(stderr).toMatch(/^ {4}at /m);
});

test.each([['rollback', '--stack', 'Shop', '--yes'], ['undo-migration', '--stack', 'Shop', '--yes', '--', 'alembic', 'downgrade', '-1']])(
  '%s without credentials ends with 1 and says how to get some', async (...args) => {
    const { code, stderr } = await call(args, { environment: { AWS_REGION: 'eu-central-1' } });
    expect(code).toBe(1);
    expect(stderr).toContain('aws sso login');
    expect(stderr).not.toMatch(/^ {4}at |NodeVersionSupportWarning/m);
  });

test('what follows -- is the command, whatever it looks like', async () => {
  const { stdout } = await call(['undo-migration', '--stack', 'Shop', '--yes', '--', 'tool', '--json'], { environment: { AWS_REGION: 'eu-central-1' } });
  expect(stdout).toBe('');
});
