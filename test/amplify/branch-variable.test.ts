import { Template } from 'aws-cdk-lib/assertions';
import { addApp, branchOf, newStack, refusal, secretOf, variablesOf } from './amplify-fixtures';
import { BranchVariable } from '../../src';

function stored(variable: BranchVariable): any {
  const stack = newStack();
  addApp(stack).addBranch('main', { variables: { X: variable } });
  const template = Template.fromStack(stack);
  return [variablesOf(branchOf(template, 'main')).X, template];
}

test('a text is stored as it is', () => {
  expect(stored(BranchVariable.value('a'))[0]).toBe('a');
  expect(stored(BranchVariable.value(''))[0]).toBe('');
});

test('a parameter is read by CloudFormation with each deployment', () => {
  const [{ Ref }, template] = stored(BranchVariable.ssmParameter('/shop/url'));
  expect(template.findParameters(Ref)[Ref]).toEqual({ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shop/url' });
});

test('one parameter for two branches is one in the template', () => {
  const stack = newStack();
  const app = addApp(stack);
  for (const name of ['main', 'staging']) app.addBranch(name, { variables: { X: BranchVariable.ssmParameter('/shop/url') } });
  expect(Object.values(Template.fromStack(stack).findParameters('*')).filter(({ Default }) => Default === '/shop/url')).toHaveLength(1);
});

test('an output of a stack is read by CloudFormation, of another region too', () => {
  expect(JSON.stringify(stored(BranchVariable.stackOutput('backend', 'Url'))[0])).toMatch(/Fn::GetStackOutput.*backend.*Url/);
  expect(JSON.stringify(stored(BranchVariable.stackOutput('backend', 'Url', 'eu-west-1'))[0])).toContain('eu-west-1');
});

test('secrets are no variables', () => {
  expect(stored(BranchVariable.secureString('/s'))[0]).toBeUndefined();
  expect(stored(BranchVariable.secret(secretOf(newStack(), 's')))[0]).toBeUndefined();
});

test.each<[string, () => unknown, RegExp]>([
  ['no value', () => BranchVariable.value(undefined as never), /value is missing/],
  ['a number', () => BranchVariable.value(7 as never), /value is not well-formed/],
  ['a value of 5,501 characters', () => BranchVariable.value('x'.repeat(5501)), /up to 5,500 characters/],
  ['no parameter', () => BranchVariable.ssmParameter(undefined as never), /parameterName is missing/],
  ['a parameter with a space', () => BranchVariable.ssmParameter('/a b'), /parameterName is not well-formed/],
  ['a SecureString with a space', () => BranchVariable.secureString('/a b'), /parameterName is not well-formed/],
  ['no stack', () => BranchVariable.stackOutput(undefined as never, 'Url'), /stackName is missing/],
  ['a stack that is none', () => BranchVariable.stackOutput('a b', 'Url'), /stackName is not well-formed/],
  ['no output', () => BranchVariable.stackOutput('backend', undefined as never), /outputName is missing/],
  ['an output with a hyphen', () => BranchVariable.stackOutput('backend', 'a-b'), /letters and digits/],
  ['no secret', () => BranchVariable.secret(undefined as never), /secret is missing/],
  ['an ARN for a secret', () => BranchVariable.secret('arn:aws:…' as never), /secret is not what it should be/],
  ['a text for availableAtBuild', () => BranchVariable.secureString('/s', { availableAtBuild: 'no' as never }), /availableAtBuild is not a boolean/],
  ['a text for availableAtBuild of a secret', () => BranchVariable.secret({ secretArn: 'x' } as never, { availableAtBuild: 'no' as never }), /availableAtBuild is not a boolean/],
])('%s is refused', (_what, make, message) => {
  expect(refusal(make)).toMatch(message);
});

test('the longest value is taken', () => {
  expect(stored(BranchVariable.value('x'.repeat(5500)))[0]).toHaveLength(5500);
});
