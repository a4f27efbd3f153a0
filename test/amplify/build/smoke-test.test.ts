import { spawn } from 'child_process';
import { createServer } from 'http';
import { AddressInfo } from 'net';
import { Duration } from 'aws-cdk-lib';
import { branch, BuildRun, plan, removeBuilds, runBuild, SHELLS, Shell, variablesOf } from './run';
import { AmplifyFramework } from '../../../src/amplify/amplify-framework';
import { buildSpec, checkBuildPlan } from '../../../src/amplify/build/build-spec';
import { BuildSmokeTest, BuildSmokeTestOptions } from '../../../src/amplify/build-smoke-test';

afterAll(removeBuilds);

const SERVER = `const { createServer } = require('http');
setTimeout(() => createServer((request, response) => {
  const path = request.url.split('?')[0];
  response.writeHead({ '/login': 200, '/old': 302, '/broken': 500, '/it\\'s$HOME[1]': 200 }[path] ?? 404, { location: '/login' });
  response.end('<h1>Sign in to "the shop" for $5</h1>' + (process.env.AWS_TITLE ?? '') + '<p>' + request.url + '</p>');
}).listen(process.env.PORT, '127.0.0.1', () => console.log('listening')), 300);`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function smoke(options: Partial<BuildSmokeTestOptions> = {}, shell?: Shell): Promise<BuildRun & { port: number }> {
  const port = options.port ?? await freePort();
  const smokeTest = BuildSmokeTest.page({ path: '/login', ...options, port });
  const spec = buildSpec(plan([branch('main', { variables: ['AWS_TITLE'] })], { framework: AmplifyFramework.nextJs(), smokeTest, postBuildCommands: ['npm run after'] }));
  const run = runBuild(spec, { shell, env: { AWS_BRANCH: 'main', APP_AWS_TITLE: 'Shop' }, does: { 'npm start': 'node server.js & wait' }, files: { 'server.js': SERVER } });
  return { ...run, port };
}

/** Nobody is left who listens. */
async function expectStopped(port: number): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}/login`)).rejects.toThrow();
}

test.each(SHELLS)('a page that is right lets the build go on, and the server is stopped, with %s', async shell => {
  const { code, output, calls, port } = await smoke({ contains: 'Sign in' }, shell);
  expect(output).toBe('Smoke test: /login answers with 200.\n');
  expect(code).toBe(0);
  expect(calls.map(({ command }) => command)).toEqual([expect.stringMatching(/^npm ci/), 'npm run build', 'npm run after', 'npm start']);
  expect(calls[3].env).toMatchObject({ PORT: String(port), AWS_TITLE: 'Shop' });
  await expectStopped(port);
});

test('the server has no secrets to read: the role of the build may not', () => {
  const planned = branch('main', { secrets: ['SECRET'] });
  const spec = buildSpec(plan([planned], { framework: AmplifyFramework.nextJs(), smokeTest: BuildSmokeTest.page({ path: '/' }) }));
  const { calls } = runBuild(spec, { env: variablesOf(planned) });
  expect(calls.find(({ command }) => command === 'npm start')?.env.SECRET_PARAMETERS).toBe('');
  expect(calls.find(({ command }) => command === 'npm run build')?.env.SECRET_PARAMETERS).not.toBe('');
});

test.each<[string, Partial<BuildSmokeTestOptions>]>([
  ['a status', { path: '/old', expectedStatus: 302 }],
  ['a path that a shell or curl would read otherwise', { path: "/it's$HOME[1]?a=b&c={d}", contains: "/it's$HOME[1]?a=b&c={d}" }],
  ['a text that a shell or grep would read otherwise', { contains: '"the shop" for $5' }],
  ['a variable that Amplify refuses', { contains: 'Shop' }],
  ['a command with a variable that is not set', { startCommand: 'cd . && npm start $UNSET' }],
])('a page that is right by %s', async (_, options) => {
  const { code, output } = await smoke(options);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^Smoke test: .* answers with [0-9]+\.\n$/) });
});

test.each<[string, Partial<BuildSmokeTestOptions>, string[]]>([
  ['another status', { path: '/broken' }, ['Smoke test: /broken answers with 500 instead of 200.', 'Sign in to', 'listening']],
  ['a redirect', { path: '/old' }, ['Smoke test: /old answers with 302 instead of 200.']],
  ['another text', { contains: 'Log "in"' }, ['Smoke test: /login does not contain the text "Log "in"".', 'Sign in to']],
  ['a text that is a pattern', { contains: 'Sign.in' }, ['does not contain the text "Sign.in"']],
  ['a server that ends', { startCommand: 'echo no database && exit 3' }, ['Smoke test: the server ended before it answered.', 'no database']],
  ['a server that never answers', { startCommand: 'sleep 60', timeout: Duration.seconds(1) }, ['Smoke test: the server did not answer within 1 seconds.']],
])('%s fails the build with what came, and the server is stopped', async (_, options, words) => {
  const { code, output, port } = await smoke(options);
  for (const word of words) expect(output).toContain(word);
  expect(code).toBe(1);
  await expectStopped(port);
});

test('another server on the port does not answer in place of the built one', async () => {
  const port = await freePort();
  // In a process of its own: this one waits for the build, and could not answer.
  const other = spawn(process.execPath, ['-e', SERVER], { env: { PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise(resolve => other.stdout.once('data', resolve));
    const taken = await smoke({ port, contains: 'Sign in' });
    expect(taken.output).toContain(`Smoke test: something else listens on port ${port} already.`);
    expect({ code: taken.code, started: taken.calls.filter(({ command }) => command === 'npm start') }).toEqual({ code: 1, started: [] });
  } finally {
    other.kill();
  }
});

test.each<[Partial<BuildSmokeTestOptions>, string]>([
  [{ path: undefined }, 'path is missing'],
  [{ path: 'login' }, 'path is not well-formed'],
  [{ path: '/a b' }, 'path is not well-formed'],
  [{ startCommand: ' ' }, 'startCommand is not well-formed'],
  [{ port: 0 }, 'port is not a whole number'],
  [{ expectedStatus: 99 }, 'expectedStatus is not a whole number'],
  [{ contains: '' }, 'contains is not well-formed'],
  [{ contains: 'a\nb' }, 'contains is not well-formed'],
  [{ timeout: Duration.minutes(11) }, 'timeout (seconds) is not a whole number'],
])('refuses %j', (options, problem) => {
  expect(() => BuildSmokeTest.page({ path: '/', ...options } as BuildSmokeTestOptions)).toThrow(`BuildSmokeTest.page: ${problem}`);
});

test('refuses a test of a static app that starts no server', () => {
  const framework = AmplifyFramework.vite();
  expect(() => checkBuildPlan('App', { framework, smokeTest: BuildSmokeTest.page({ path: '/' }) })).toThrow('App: the smoke test of the build has no server to ask');
  expect(() => checkBuildPlan('App', { framework, smokeTest: BuildSmokeTest.page({ path: '/', startCommand: 'npx vite preview --port 3000' }) })).not.toThrow();
  expect(() => checkBuildPlan('App', { framework })).not.toThrow();
});
