import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { PlatformError } from '../../src/errors';
import { DeployableStack, readStacks } from '../assembly';
import { clientSettings } from '../aws/clients';
import { checkBootstrap, checkQuotas } from '../doctor/account-checks';
import { checkCertificates } from '../doctor/certificate-checks';
import { checkDomains } from '../doctor/domain-checks';
import { bad, Finding, good } from '../doctor/finding';
import { checkSecrets } from '../doctor/secret-checks';
import { explain } from '../explain';
import { ExitCode } from '../outcome';
import { findAssembly } from '../synthesize';
import { paint, Terminal } from '../terminal';

export interface DoctorOptions {
  readonly app?: string;
  readonly stack?: readonly string[];
  readonly profile?: string;
  readonly dnsServer?: string;
}

const WHERE = 'cdk-web-platform doctor';
const ANY_REGION = 'us-east-1';
const SIGNS = { good: paint('green', '✓'), bad: paint('red', '✗'), unknown: paint('yellow', '?') };

/** Looks for what a deployment would fail on, in every environment of an assembly. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const { app, stack: names, profile, dnsServer } = options;
  checkServer(dnsServer);
  const stacks = chosen(readStacks(await findAssembly(app, WHERE, terminal), WHERE), names);
  const findings = stacks.flatMap(checkCertificates);
  const caller = await whoAmI(profile);
  if ('message' in caller) findings.push(bad('credentials', 'credentials', caller.message, 'aws sso login, or --profile <name>'));
  else findings.push(...await examineAll(stacks, caller, options, terminal));
  const sick = findings.filter(({ status }) => status !== 'good');
  terminal.result(print(findings, sick.length), { healthy: sick.length === 0, findings });
  if (sick.length > 0) process.exitCode = ExitCode.FOUND;
}

/** Whose credentials these are. */
interface Caller {
  readonly account: string;
  readonly region: string | undefined;
}

function chosen(stacks: DeployableStack[], names: readonly string[] | undefined): DeployableStack[] {
  const unknown = names?.find(name => !stacks.some(stack => stack.name === name));
  if (unknown === undefined && stacks.length > 0) return names ? stacks.filter(({ name }) => names.includes(name)) : stacks;
  throw new PlatformError(WHERE, {
    problem: 'there is no such stack in the assembly.',
    got: unknown === undefined ? 'an assembly without stacks' : `--stack ${unknown}`,
    allowed: stacks.map(({ name }) => name).join(', ') || 'an assembly with a stack at least',
    fix: 'name one of them, or leave --stack out for all',
  });
}

function checkServer(address: string | undefined): void {
  if (address === undefined || /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d+)?$|^[0-9a-f:]+:[0-9a-f:]*$/i.test(address)) return;
  throw new PlatformError(WHERE, {
    problem: '--dns-server is not an address.',
    got: `--dns-server ${address}`,
    allowed: 'an IP address, with a port or without',
    fix: 'for example --dns-server 1.1.1.1',
  });
}

/** Without credentials that is the first thing to say, and not a reason to end. */
async function whoAmI(profile: string | undefined): Promise<Caller | { readonly message: string }> {
  try {
    const region = await new STSClient(clientSettings({ profile })).config.region().catch(() => undefined);
    const sts = new STSClient(clientSettings({ profile, region: region ?? ANY_REGION }));
    const { Account: account } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: account!, region };
  } catch (error) {
    const { code, message } = explain(error);
    if (code === ExitCode.DEFECT) throw error;
    return { message: message.split('\n')[0] };
  }
}

function byEnvironment(stacks: DeployableStack[], caller: Caller): Map<string, DeployableStack[]> {
  const groups = new Map<string, DeployableStack[]>();
  for (const stack of stacks) {
    const environment = `aws://${stack.account ?? caller.account}/${stack.region ?? caller.region ?? 'unknown-region'}`;
    groups.set(environment, [...groups.get(environment) ?? [], stack]);
  }
  return groups;
}

async function examineAll(stacks: DeployableStack[], caller: Caller, { profile, dnsServer }: DoctorOptions, terminal: Terminal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [environment, own] of byEnvironment(stacks, caller)) {
    findings.push(...await terminal.step(`looking at ${environment}`, () => examine(environment, own, caller, profile)));
  }
  const ours = stacks.filter(({ account }) => account === undefined || account === caller.account);
  // One service for a whole partition: any of its regions will do.
  const settings = clientSettings({ profile, region: ours.find(({ region }) => region)?.region ?? caller.region ?? ANY_REGION });
  return [...findings, ...await terminal.step('looking at domains', () => checkDomains(ours, settings, dnsServer))];
}

async function examine(environment: string, stacks: DeployableStack[], caller: Caller, profile: string | undefined): Promise<Finding[]> {
  const [account, region] = environment.slice('aws://'.length).split('/');
  if (account !== caller.account) return [bad(environment, 'credentials', `these are of account ${caller.account}`, `sign in to ${account}: --profile <name>`)];
  if (region === 'unknown-region') return [bad(environment, 'region', 'neither the app nor the profile says which', 'set AWS_REGION, or env in the app')];
  const settings = clientSettings({ profile, region });
  return [
    good(environment, 'credentials', `are of account ${account}`),
    ...await checkBootstrap(environment, environment, stacks, settings),
    ...await checkQuotas(environment, stacks, settings),
    ...await checkSecrets(environment, stacks, { account, region }, settings),
  ];
}

function print(findings: readonly Finding[], sick: number): string {
  const places = [...new Set(findings.map(({ where }) => where))];
  return [
    ...places.flatMap(place => [paint('bold', place), ...findings.filter(({ where }) => where === place).flatMap(({ status, check, found, fix }) => [
      `  ${SIGNS[status]} ${check}: ${found}`, ...fix === undefined ? [] : [`    ${paint('dim', 'fix:')} ${fix}`],
    ])]),
    '',
    sick === 0 ? 'All is well.' : `${sick} of ${findings.length} looks found something.`,
  ].join('\n');
}
