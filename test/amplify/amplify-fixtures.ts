import { App, Environment, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AmplifyApp, AmplifyAppProps, AmplifyFramework, AmplifyRepository, BranchVariable } from '../../src';

export const VIRGINIA: Environment = { account: '111111111111', region: 'us-east-1' };

/** A stack in an app of its own. Copying the same bundles for each app proves nothing. */
export function newStack(env?: Environment, id: string = 'Stack'): Stack {
  return new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false }), id, { env });
}

export function secretOf(stack: Stack, name: string): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretNameV2(stack, `Given-${name}`, name);
}

export function github(stack: Stack, name: string = 'acme/shop'): AmplifyRepository {
  const known = stack.node.tryFindChild('Given-github') as secretsmanager.ISecret | undefined;
  return AmplifyRepository.github(name, { accessToken: known ?? secretOf(stack, 'github') });
}

/** An app with a server and a repository, with the props of a test. */
export function addApp(stack: Stack, props: Partial<AmplifyAppProps> = {}, id: string = 'App'): AmplifyApp {
  return new AmplifyApp(stack, id, { framework: AmplifyFramework.nextJs(), repository: github(stack), ...props });
}

export const value = (text: string) => BranchVariable.value(text);

/** Properties of the only resource of a type, or of the one whose logical id matches. */
export function only(template: Template, type: string, logicalId: RegExp = /./): any {
  const found = Object.entries(template.findResources(type)).filter(([id]) => logicalId.test(id));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return found[0][1].Properties;
}

export function appOf(template: Template): any {
  return only(template, 'AWS::Amplify::App');
}

/** Properties of a branch. */
export function branchOf(template: Template, branchName: string): any {
  const found = Object.values(template.findResources('AWS::Amplify::Branch', { Properties: { BranchName: branchName } }));
  expect(found).toHaveLength(1);
  return found[0].Properties;
}

/** Variables as Amplify stores them. */
export function variablesOf({ EnvironmentVariables }: any): { [name: string]: any } {
  return Object.fromEntries(EnvironmentVariables.map(({ Name, Value }: any) => [Name, Value]));
}

/** Statements of the managed policies that a role has, by the role's logical id. */
export function statementsOf(template: Template, roleId: RegExp): any[] {
  const policies = template.findResources('AWS::IAM::ManagedPolicy', { Properties: { Roles: Match.anyValue() } });
  return Object.values(policies)
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: any) => roleId.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** What is thrown, as a message that tells what was got, what is allowed and what to do. */
export function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toMatchObject({ name: 'PlatformError' });
    expect((error as Error).message).toMatch(/.+\n {2}got: [^]+\n {2}allowed: .+\n {2}fix: .+/);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}
