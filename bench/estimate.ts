/*
 * What the patterns cost a month with their defaults, at list prices of us-east-1, beside the targets. `npx projen estimate` prints the table and the
 * largest lines of what misses its target; `npx projen estimate --lines` every line.
 */
import { parseArgs } from 'util';
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { CostEstimate, CostLine, CostReport, EnvironmentProfile, FargateApiWithRds, SignInDomain, SiteKind, StaticCdnSite, UserDirectory } from 'cdk-web-platform';

const REGIONS = ['us-east-1', 'eu-central-1'];
const LARGEST = 8;

interface Subject {
  readonly what: string;
  readonly targetUsd: number;
  readonly build: (stack: Stack) => void;
}

const api = (stack: Stack, profile: EnvironmentProfile, options: { readonly cache?: boolean; readonly proxy?: boolean } = {}) =>
  new FargateApiWithRds(stack, 'Api', { profile, image: ecs.ContainerImage.fromRegistry('example/api'), containerPort: 8080, ...options });
const site = (stack: Stack, profile: EnvironmentProfile) => new StaticCdnSite(stack, 'Site', { profile, kind: SiteKind.singlePageApp() });

const SUBJECTS: Subject[] = [
  { what: 'development: API and site', targetUsd: 60, build: stack => build(stack, EnvironmentProfile.development()) },
  { what: 'staging: API and site', targetUsd: 150, build: stack => build(stack, EnvironmentProfile.staging()) },
  { what: 'production foundation: API', targetUsd: 200, build: stack => api(stack, EnvironmentProfile.production()) },
  { what: 'full production: API and site', targetUsd: 400, build: stack => build(stack, EnvironmentProfile.production()) },
  {
    what: 'what there is today: API with cache and proxy, site, sign-in',
    targetUsd: 700,
    build: stack => {
      const profile = EnvironmentProfile.production();
      api(stack, profile, { cache: true, proxy: true });
      site(stack, profile);
      new UserDirectory(stack, 'Users', { profile, domain: SignInDomain.prefix('example') });
    },
  },
];

function build(stack: Stack, profile: EnvironmentProfile): void {
  api(stack, profile);
  site(stack, profile);
}

function estimate({ build: add }: Subject, region: string): CostReport {
  const app = new App();
  add(new Stack(app, 'Platform', { env: { region } }));
  const costs = new CostEstimate(app, 'CostEstimate');
  app.synth();
  return costs.report();
}

function main(): void {
  const { values: { lines: all } } = parseArgs({ options: { lines: { type: 'boolean', default: false } } });
  const rows = SUBJECTS.map(subject => ({ subject, reports: REGIONS.map(region => estimate(subject, region)) }));
  print([
    ['USD a month', 'target', '', 'us-east-1', 'fixed', 'by use', 'unsure', 'eu-central-1'],
    ...rows.map(({ subject: { what, targetUsd }, reports: [home, europe] }) => [
      what, `≤ ${targetUsd}`, isMet(targetUsd, home) ? 'met' : 'MISSED', ...[home.monthlyUsd, home.fixedUsd, home.usageUsd, home.unsureUsd].map(usd),
      `${usd(europe.monthlyUsd)}${europe.unpriced.some(({ reason }) => reason.startsWith('the table has no price')) ? ' *' : ''}`,
    ]),
  ]);
  for (const { subject, reports: [home, europe] } of rows) {
    if (all || !isMet(subject.targetUsd, home)) printLines(`${subject.what}, us-east-1`, home.lines.slice(0, all ? undefined : LARGEST));
    for (const { resourceType, reason } of europe.unpriced) process.stdout.write(`\n* ${subject.what}, eu-central-1: ${resourceType}, ${reason}`);
  }
  process.stdout.write('\n');
  process.exitCode = rows.every(({ subject: { targetUsd }, reports: [home] }) => isMet(targetUsd, home)) ? 0 : 1;
}

function isMet(targetUsd: number, { monthlyUsd }: CostReport): boolean {
  return monthlyUsd <= targetUsd;
}

function printLines(title: string, lines: CostLine[]): void {
  process.stdout.write(`\n${title}:\n`);
  print(lines.map(({ monthlyUsd, what, constructPath, unsure }) => [what, usd(monthlyUsd), unsure === undefined ? '' : 'unsure', constructPath]));
}

function print(rows: string[][]): void {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  process.stdout.write(rows.map(row => `${row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()}\n`).join(''));
}

function usd(amount: number): string {
  return amount.toFixed(2);
}

main();
