/*
 * What the patterns cost a month with their defaults, at list prices of us-east-1, beside the targets. `npx projen estimate` prints the table and the
 * largest lines of what misses its target; `npx projen estimate --lines` every line.
 */
import { parseArgs } from 'util';
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import {
  CostEstimate, CostLine, CostReport, EnvironmentProfile, FargateApiWithRds, ImageUploads, ProductionWebPlatform, Recovery, SearchDomain,
  SearchIngestion, SignInDomain, SiteKind, StaticCdnSite,
} from 'cdk-web-platform';

const REGIONS = ['us-east-1', 'eu-central-1'];
const LARGEST = 8;

interface Subject {
  readonly what: string;
  readonly targetUsd: number;
  readonly build: (stack: Stack) => void;
}

const { development, staging, production } = EnvironmentProfile;
const image = ecs.ContainerImage.fromRegistry('example/api');
const kind = SiteKind.singlePageApp();

const SUBJECTS: Subject[] = [
  { what: 'development: API and site', targetUsd: 60, build: stack => apiAndSite(stack, development()) },
  { what: 'staging: API and site', targetUsd: 150, build: stack => apiAndSite(stack, staging()) },
  { what: 'production foundation: API', targetUsd: 200, build: stack => api(stack, production()) },
  { what: 'full production: API and site', targetUsd: 400, build: stack => apiAndSite(stack, production()) },
  { what: 'everything: with cache, proxy, sign-in, uploads, search and recovery', targetUsd: 700, build: everything },
];

function api(stack: Stack, profile: EnvironmentProfile): void {
  new FargateApiWithRds(stack, 'Api', { profile, image, containerPort: 8080 });
}

function apiAndSite(stack: Stack, profile: EnvironmentProfile): void {
  api(stack, profile);
  new StaticCdnSite(stack, 'Site', { profile, kind });
}

function everything(stack: Stack): void {
  const profile = production();
  const platform = new ProductionWebPlatform(stack, 'Shop', {
    profile, services: { Api: { image, containerPort: 8080 } }, cache: true, proxy: true, site: { kind }, signIn: { domain: SignInDomain.prefix('example') },
  });
  const { network: { vpc }, database, monitoring } = platform;
  const uploads = new ImageUploads(stack, 'Photos', { profile });
  const search = new SearchDomain(stack, 'Search', { vpc, profile, indexes: [{ name: 'games' }] });
  const ingestion = new SearchIngestion(stack, 'Ingestion', { vpc, profile, search, database, databaseSecret: database.applicationSecret });
  const recoveryRegion = REGIONS.find(region => region !== stack.region)!;
  const recovery = new Recovery(stack, 'Recovery', { profile, recoveryRegion, databases: [database], buckets: [uploads.uploads] });
  for (const block of [uploads, search, ingestion, recovery]) monitoring.watch(block);
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
      what, `≤ ${targetUsd}`, isMet(targetUsd, home) ? 'met' : 'MISSED', sum(home), ...[home.fixedUsd, home.usageUsd, home.unsureUsd].map(usd), sum(europe),
    ]),
  ]);
  for (const { subject, reports } of rows) {
    const [home] = reports;
    if (all || !isMet(subject.targetUsd, home)) printLines(`${subject.what}, us-east-1`, home.lines.slice(0, all ? undefined : LARGEST));
    for (const [index, { unpriced }] of reports.entries()) {
      for (const { resourceType, reason } of unpriced) process.stdout.write(`\n* ${subject.what}, ${REGIONS[index]}: ${resourceType}, ${reason}`);
    }
  }
  process.stdout.write('\n');
  process.exitCode = rows.every(({ subject: { targetUsd }, reports: [home] }) => isMet(targetUsd, home)) ? 0 : 1;
}

/** With a star where something has no price. */
function sum({ monthlyUsd, unpriced }: CostReport): string {
  return `${usd(monthlyUsd)}${unpriced.length > 0 ? ' *' : ''}`;
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
