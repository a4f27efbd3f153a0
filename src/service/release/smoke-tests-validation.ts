import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { validateSmokeTests } from './smoke-test-validation';
import type { SmokeTestsProps } from './smoke-tests';
import { PlatformError } from '../../errors';
import { checkBoolean, checkGiven, checkKind, checkKnown, checkList, checkText, display } from '../../validate';

/** Refuses addresses that cannot be called, and networks without a VPC. */
export function validateSmokeTestsProps(where: IConstruct, props: SmokeTestsProps): void {
  checkAddress(where, props?.url);
  checkGiven(where, 'tests', props.tests, "a list of tests, such as [{ path: '/health' }]");
  validateSmokeTests(where, 'tests', props.tests);
  checkText(where, 'version', props.version, /./, 'a text that is not empty');
  checkConstructs(where, props.executeAfter);
  checkBoolean(where, 'atDeployment', props.atDeployment);
  checkKnown(where, 'atDeployment', props.atDeployment);
  checkOnlyOnEvents(where, props);
  checkBoolean(where, 'alarms', props.alarms);
  checkKnown(where, 'alarms', props.alarms);
  checkKind(where, 'profile', props.profile, 'logRetentionDays', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkKind(where, 'vpc', props.vpc, 'vpcId', 'an ec2.IVpc');
  checkList(where, 'securityGroups', props.securityGroups);
  checkNetwork(where, props);
}

/** Refuses an address that cannot be called. */
export function checkAddress(where: IConstruct, url: string): void {
  checkGiven(where, 'url', url, 'an address, such as https://www.example.com');
  checkText(where, 'url', url, /^https?:\/\/[^\s/?#@]+(\/[!"$->@-~]*)?$/, 'an address such as https://www.example.com, without a user, a query or a fragment');
  if (Token.isUnresolved(url) || URL.canParse(url)) return;
  throw new PlatformError(where, {
    problem: 'url is not an address.',
    got: `url ${display(url)}`,
    allowed: 'an address such as https://www.example.com',
    fix: 'write the address as a browser shows it',
  });
}

function checkConstructs(where: IConstruct, executeAfter: IConstruct[] | undefined): void {
  checkList(where, 'executeAfter', executeAfter);
  for (const [index, construct] of (executeAfter ?? []).entries()) {
    checkGiven(where, `executeAfter[${index}]`, construct, 'a construct');
    checkKind(where, `executeAfter[${index}]`, construct, 'node', 'a construct');
  }
}

function checkOnlyOnEvents(where: IConstruct, { atDeployment = true, executeAfter, version }: SmokeTestsProps): void {
  if (executeAfter) checkAtDeployment(where, 'executeAfter', atDeployment);
  if (version !== undefined) checkAtDeployment(where, 'version', atDeployment);
}

/** What orders the tests among resources, or makes them run again with the stack, does nothing where they are none of its resources. */
export function checkAtDeployment(where: IConstruct, name: string, atDeployment: unknown): void {
  if (atDeployment) return;
  throw new PlatformError(where, {
    problem: `${name} is about tests that run when the stack is deployed, and these do not.`,
    got: `${name}, atDeployment false`,
    allowed: `${name} with atDeployment true`,
    fix: `leave ${name} out, or leave atDeployment out`,
  });
}

function checkNetwork(where: IConstruct, { vpc, vpcSubnets, securityGroups }: SmokeTestsProps): void {
  if (vpc || (!vpcSubnets && !securityGroups)) return;
  throw new PlatformError(where, {
    problem: `${vpcSubnets ? 'subnets are' : 'security groups are'} given without their VPC.`,
    got: `vpc ${display(vpc)}, ${vpcSubnets ? 'vpcSubnets' : 'securityGroups'} given`,
    allowed: 'vpcSubnets and securityGroups together with vpc',
    fix: 'give the vpc, or leave them out to call from the internet',
  });
}
