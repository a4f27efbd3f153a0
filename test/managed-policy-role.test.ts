import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ManagedPolicyRole } from '../src/managed-policy-role';

const IAM_CHARACTERS = 6144;

function roleFor(secretCount: number) {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'ap-southeast-1' } });
  const role = new ManagedPolicyRole(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  const arn = (index: number) => `arn:aws:secretsmanager:ap-southeast-1:111111111111:secret:${'team/product/'.repeat(4)}${index}-AbCdEf`;
  for (let index = 0; index < secretCount; index++) secretsmanager.Secret.fromSecretCompleteArn(stack, `Secret${index}`, arn(index)).grantRead(role);
  return { stack, role };
}

test('what an L2 grants is in one managed policy, and none is inline', () => {
  const { stack } = roleFor(2);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  const [{ Properties }] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
  expect(Properties.Roles).toEqual([{ Ref: expect.stringMatching(/^Role/) }]);
  expect(Properties.PolicyDocument.Statement.map(({ Action }: { Action: string[] }) => Action[0])).toEqual(Array(2).fill('secretsmanager:GetSecretValue'));
});

test('as many rights as a large task needs are spread over policies that IAM takes', () => {
  const { stack } = roleFor(75);
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy')).map(({ Properties }) => Properties.PolicyDocument);
  expect(policies.map(({ Statement }) => Statement.length)).toEqual([20, 20, 20, 15]);
  for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThan(IAM_CHARACTERS);
});

test('what depends on the role waits for its rights; a role without rights has no policy', () => {
  const { stack, role } = roleFor(1);
  new CfnResource(stack, 'Waiting', { type: 'Test::Waiting' }).node.addDependency(role);
  const [{ DependsOn }] = Object.values(Template.fromStack(stack).findResources('Test::Waiting'));
  expect(DependsOn).toEqual([expect.stringMatching(/^RolePolicy/), expect.stringMatching(/^Role/)]);
  Template.fromStack(roleFor(0).stack).resourceCountIs('AWS::IAM::ManagedPolicy', 0);
});
