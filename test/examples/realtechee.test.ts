import { Template } from 'aws-cdk-lib/assertions';
import { branchIn, buildSpecIn, filesIn, parameterOf, templateOf, variablesIn } from './example';
import { RealtecheeStack } from '../../examples/realtechee/realtechee-stack';
import { removeBuilds, runBuild, SHELLS } from '../amplify/build/run';

const REQUIRED = ['BACKEND_SUFFIX', 'USER_POOL_ID', 'USER_POOL_CLIENT_ID', 'IDENTITY_POOL_ID', 'GRAPHQL_URL', 'API_KEY', 'S3_BUCKET'];
const BRANCHES = ['main', 'staging', 'production'];

let template: Template;
let spec: string;

beforeAll(() => {
  template = templateOf('realtechee', app => new RealtecheeStack(app, 'Realtechee'));
  spec = buildSpecIn(template);
});
afterAll(removeBuilds);

/** What Amplify gives to the builds of a branch: its variables, with a value for each. */
function environmentOf(branchName: string): Record<string, string> {
  const names = Object.keys(variablesIn(template, branchName));
  return { AWS_BRANCH: branchName, AWS_APP_ID: 'd3realtechee01', ...Object.fromEntries(names.map(name => [name, valueOf(name, branchName)])), AMPLIFY_APP_ID: 'd3realtechee01' };
}

function valueOf(name: string, branchName: string): string {
  return `${name.toLowerCase()}-value-of-${branchName}`;
}

function commandsOf(branchName: string): string[] {
  const { code, calls } = runBuild(spec, { env: environmentOf(branchName) });
  expect(code).toBe(0);
  return calls.map(({ command }) => command);
}

describe('one app, three branches', () => {
  test('main has its own backend: npx ampx pipeline-deploy', () => {
    expect(commandsOf('main')).toEqual([
      'npm ci --cache .npm --prefer-offline',
      'npx ampx pipeline-deploy --branch main --app-id d3realtechee01',
      expect.stringMatching(/^npm ci/),
      'npm run build',
    ]);
  });

  test('staging shares main’s: npx ampx generate outputs', () => {
    expect(commandsOf('staging')).toContain('npx ampx generate outputs --branch main --app-id d3realtechee01');
    expect(commandsOf('staging').join()).not.toContain('pipeline-deploy');
  });

  test('production has its own, isolated', () => {
    expect(commandsOf('production')).toContain('npx ampx pipeline-deploy --branch production --app-id d3realtechee01');
    expect(Object.entries(variablesIn(template, 'production')).filter(([name, value]) => name !== 'AMPLIFY_APP_ID' && !parameterOf(template, value)?.startsWith('/realtechee/production/'))).toEqual([]);
  });
});

describe('variables', () => {
  test('AMPLIFY_APP_ID is on all', () => {
    for (const branchName of BRANCHES) expect(variablesIn(template, branchName).AMPLIFY_APP_ID).toEqual({ 'Fn::GetAtt': [expect.any(String), 'AppId'] });
  });

  test.each(['main', 'production'])('%s has the seven, each from its own parameter', branchName => {
    const { AMPLIFY_APP_ID, ...variables } = variablesIn(template, branchName);
    const sources = Object.entries(variables).map(([name, value]) => [name, parameterOf(template, value)]);
    expect(sources).toEqual(REQUIRED.map(name => [name, `/realtechee/${branchName}/${name}`]));
  });

  test('staging inherits main’s and needs none of its own', () => {
    expect(variablesIn(template, 'staging')).toEqual(variablesIn(template, 'main'));
  });

  test('none of the values is in git, nor in the template', () => {
    const values = BRANCHES.flatMap(branchName => REQUIRED.map(name => valueOf(name, branchName)));
    const texts = [...filesIn('realtechee').entries(), ['the template', JSON.stringify(template.toJSON())]];
    expect(texts.length).toBeGreaterThan(4);
    for (const [file, text] of texts) for (const value of values) expect({ file, has: text.includes(value) }).toEqual({ file, has: false });
    // What the template does have is names of parameters, and all of its parameters are such.
    const parameters: { [id: string]: { Type: string; Default: string } } = template.toJSON().Parameters;
    const types = Object.values(parameters).filter(({ Default }) => Default.startsWith('/realtechee/')).map(({ Type }) => Type);
    expect(types).toEqual(Array(14).fill('AWS::SSM::Parameter::Value<String>'));
  });

  test('a token, a password or a key is nowhere as text', () => {
    const [app] = Object.values(template.findResources('AWS::Amplify::App'));
    expect(JSON.stringify(app.Properties.AccessToken)).toContain('{{resolve:secretsmanager:');
    for (const branchName of ['main', 'staging']) expect(JSON.stringify(branchIn(template, branchName).BasicAuthConfig.Password)).toContain('{{resolve:secretsmanager:');
  });
});

describe('the build spec validates what each branch requires', () => {
  const cases = BRANCHES.flatMap(branchName => REQUIRED.map((name): [string, string] => [branchName, name]));

  test.each(cases)('%s without %s: the name is said, and nothing is built', (branchName, name) => {
    const { [name]: _, ...env } = environmentOf(branchName);
    const { code, output, calls } = runBuild(spec, { env });
    expect(code).not.toBe(0);
    expect(output).toContain(`Branch '${branchName}' lacks ${name}.`);
    expect(calls).toEqual([]);
  });

  test.each(SHELLS)('all missing names at once, in %s', shell => {
    const { code, output, calls } = runBuild(spec, { shell, env: { AWS_BRANCH: 'production', AWS_APP_ID: 'd3realtechee01' } });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(output).toContain(`lacks ${REQUIRED.join(', ')}`);
  });

  test('an unknown branch fails with a clear word', () => {
    const { code, output, calls } = runBuild(spec, { env: { ...environmentOf('main'), AWS_BRANCH: 'feature/x' } });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(output).toMatch(/Branch 'feature\/x' is not one of .*main.*staging/);
  });
});

test('there is a guide for deploying, for trouble, and for going back', () => {
  const guide = filesIn('../docs').get([...filesIn('../docs').keys()].find(file => file.endsWith('amplify.md'))!)!;
  for (const heading of ['## From nothing', '## Trouble', '## Four ways back', '## How to leave']) expect(guide).toContain(heading);
});
