import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { addApp, appOf, branchOf, newStack, statementsOf, value, variablesOf } from './amplify-fixtures';
import { AmplifyBranchOptions, AmplifyFramework, BranchBackend, BranchVariable } from '../../src';
import { PlatformError } from '../../src/errors';

const SEED = 20261121;

/** `a`, a text, or a secret. */
interface RandomVariable { readonly name: string; readonly secret: boolean; readonly text: string }
interface RandomBranch { readonly name: string; readonly backend: 'own' | 'none' | number; readonly variables: RandomVariable[] }

const names = fc.constantFrom('A', 'URL', 'AWS_BUCKET', 'AWS_REGION', 'KEY', 'STRIPE_KEY', 'x', '_y', '__proto__', 'constructor');
const variables = fc.uniqueArray(fc.record({ name: names, secret: fc.boolean(), text: fc.string({ unit: 'binary', maxLength: 20 }) }), { selector: ({ name }) => name, maxLength: 6 });
const branchNames = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('main', 'staging', 'feature/login', 'feature-login', 'feature--login', 'a b', "o'hara", '"', '$(id)', '*', '日本', '__proto__', 'App') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(name => /^[^\p{Cc}]{1,255}$/u.test(name)) },
);
const apps = fc.record({
  variables,
  server: fc.boolean(),
  branches: fc.uniqueArray(
    fc.record<RandomBranch>({ name: branchNames, backend: fc.oneof(fc.constantFrom('own' as const, 'none' as const), fc.nat(5)), variables }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
  ),
});

/** What a variable is here tells whose it is, so that somebody else's would be seen. */
function given(whose: string, list: RandomVariable[]): { [name: string]: BranchVariable } {
  return Object.fromEntries(list.map(({ name, secret, text }) => [
    // AWS sets AWS_REGION itself, and a text of another region is refused.
    name, secret ? BranchVariable.secureString(`/${whose}/x`, { availableAtBuild: true }) : value(`${whose}:${text}`),
  ]));
}

function expected(lists: [string, RandomVariable[]][]): { stored: { [name: string]: string }; secrets: string[] } {
  const merged = new Map(lists.flatMap(([whose, list]) => list.map(variable => [variable.name, { ...variable, whose }] as const)));
  const stored = [...merged.values()].filter(({ name, secret }) => !secret && name !== 'AWS_REGION');
  return {
    stored: Object.fromEntries(stored.map(({ name, text, whose }) => [name.startsWith('AWS') ? `APP_${name}` : name, `${whose}:${text}`])),
    secrets: [...merged.values()].filter(({ secret }) => secret).map(({ name, whose }) => `${whose}/${name}`),
  };
}

test('of random apps, every branch gets exactly its variables and secrets, and the build spec can be read', () => {
  let made = 0;
  fc.assert(fc.property(apps, ({ server, ...random }) => {
    const stack = newStack();
    const app = addApp(stack, { framework: server ? AmplifyFramework.nextJs() : AmplifyFramework.vite(), variables: given('app', random.variables) });
    const added: RandomBranch[] = [];
    random.branches.forEach((branch, index) => {
      const { name, backend } = branch;
      const other = typeof backend === 'number' ? random.branches[backend % random.branches.length] : undefined;
      const options: AmplifyBranchOptions = {
        backend: other ? BranchBackend.sharedWith(other.name) : backend === 'own' ? BranchBackend.own() : BranchBackend.none(),
        variables: given(`b${index}`, branch.variables),
      };
      const sound = !other || (added.includes(other) && other.backend === 'own');
      if (sound) {
        app.addBranch(name, options);
        added.push(branch);
      } else {
        expect(() => app.addBranch(name, options)).toThrow(PlatformError);
      }
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Amplify::Branch', added.length);
    for (const branch of added) {
      const other = typeof branch.backend === 'number' ? random.branches[branch.backend % random.branches.length] : undefined;
      const lists: [string, RandomVariable[]][] = [['app', random.variables]];
      if (other) lists.push([`b${random.branches.indexOf(other)}`, other.variables]);
      lists.push([`b${random.branches.indexOf(branch)}`, branch.variables]);
      const { stored, secrets } = expected(lists);
      const { AMPLIFY_APP_ID, SECRET_PARAMETERS, ...others } = variablesOf(branchOf(template, branch.name));
      expect(others).toEqual(stored);
      expect(keptFor(template, SECRET_PARAMETERS)).toEqual(secrets.sort());
      expect(readableBy(template, stack.resolve(app.branch(branch.name).computeRole?.roleName)?.Ref)).toEqual(server ? secrets.sort() : []);
      made++;
    }
    expect(parse(appOf(template).BuildSpec).version).toBe(1);
  }), { numRuns: 150, seed: SEED });
  expect(made).toBeGreaterThan(200);
}, 120_000);

/** Where each secret that a text or a right names comes from, as `whose/name`. */
function keptFor(template: Template, text: any): string[] {
  if (text === undefined) return [];
  const parts: any[] = text['Fn::Join'][1];
  const pairs = parts.flatMap((part, index) => part['Fn::GetAtt'] ? [[part['Fn::GetAtt'][0], parts[index + 1].replace(/^\/|,$/g, '')]] : []);
  return pairs.map(([id, name]) => {
    const { Sources } = template.toJSON().Resources[id].Properties;
    return `${Sources.find((source: any) => source.name === name).parameter.split('/')[1]}/${name}`;
  }).sort();
}

function readableBy(template: Template, roleId: string | undefined): string[] {
  if (roleId === undefined) return [];
  const rights = statementsOf(template, new RegExp(`^${roleId}$`)).filter(({ Action }) => Action.includes('ssm:GetParameters'));
  return rights.flatMap(({ Resource }) => [Resource].flat()).flatMap(arn => keptFor(template, { 'Fn::Join': ['', arn['Fn::Join'][1]] })).sort();
}
