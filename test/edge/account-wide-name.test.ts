import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { accountWideName, stackWideName } from '../../src/edge/account-wide-name';

test('a name is never longer than it may be, in any region, and says where it belongs', () => {
  const stack = new Stack(new App(), 'Shop', { env: { region: 'ap-southeast-1' } });
  const deep = new Construct(new Construct(stack, 'a'.repeat(200)), 'Site');
  expect(accountWideName(deep, 64)).toMatch(/^Shop-a{10,}-[0-9a-f]{8}-ap-southeast-1$/);
  expect(accountWideName(deep, 64).length).toBeLessThanOrEqual(64);
  expect(stackWideName(deep, 40)).toHaveLength(40);
  expect(stackWideName(new Construct(stack, 'Deep'), 40)).not.toBe(stackWideName(new Construct(stack, 'De-ep'), 40));
});

test('a region that is only known at deployment is put in by CloudFormation', () => {
  const stack = new Stack(new App(), 'Shop');
  expect(stack.resolve(accountWideName(new Construct(stack, 'Site'), 64))).toEqual({ 'Fn::Join': ['', [expect.stringMatching(/^Shop-Site-[0-9a-f]{8}-$/), { Ref: 'AWS::Region' }]] });
});

test('the name of a stack that is not known yet is not waited for', () => {
  const stack = new Stack(new App(), 'Shop');
  Object.defineProperty(stack, 'stackName', { value: Lazy.string({ produce: () => 'later' }) });
  expect(stackWideName(new Construct(stack, 'Site'), 64)).toMatch(/^Shop-Site-[0-9a-f]{8}$/);
});
