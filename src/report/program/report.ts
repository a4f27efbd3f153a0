import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { architectureOf } from './architecture';
import { architectureSection, type DrawnEnvironment } from './architecture-section';
import { readAssembly } from './assembly';
import { amount, costSection, priced, type PricedEnvironment } from './cost-section';
import { deploymentPath } from './deployment-path';
import { type DeployedEnvironment, deploymentSection, inMinutes } from './deployment-section';
import type { Graphviz } from './diagram';
import { count, type ReportDocument, type Tile } from './document';
import { environmentsOf, type ReportEnvironment } from './environments';
import { inventorySection } from './inventory-section';
import { ResourceIndex } from './references';
import { ReportError } from './report-error';
import { securitySection } from './security-section';
import { readViolations } from './validations';
import { alarmsOf, alarmSection, recoverySection } from './watching-sections';
import type { BillSettings } from '../../cost/estimate/bill';
import { type ReportSettings, SETTINGS_FILE } from '../report-settings';

/** A report, and its numbers for machines. */
export interface PlatformReportResult {
  readonly document: ReportDocument;
  readonly environments: readonly EnvironmentSummary[];
}

export interface EnvironmentSummary {
  readonly name: string;
  readonly profile?: string;
  readonly stacks: readonly string[];
  readonly regions: readonly string[];
  readonly resources: number;
  readonly monthlyUsd: number;
  readonly alarms: number;
  readonly deploymentMinutes: number;
}

/** Everything that is said of the assembly in a folder. */
export function reportOf(folder: string, graphviz: Graphviz): PlatformReportResult {
  const stacks = readAssembly(folder);
  if (stacks.length === 0) throw new ReportError(`the assembly in ${folder} has no stacks, so there is nothing to report`);
  const { title = 'Platform report', ...bill } = readSettings(folder);
  const index = new ResourceIndex(stacks);
  const environments = environmentsOf(stacks);
  const drawn = environments.map((environment): DrawnEnvironment => ({ environment, architecture: architectureOf(environment, index) }));
  const prices = priced(environments, { usage: {}, region: 'us-east-1', freeTier: true, ...bill } as BillSettings);
  const deployed = environments.map((environment): DeployedEnvironment => ({ environment, path: deploymentPath(environment.stacks, index) }));
  const summaries = environments.map((environment, number) => summaryOf(environment, prices[number], deployed[number]));
  return {
    environments: summaries,
    document: {
      title,
      lead: `${count(environments.length, 'environment')}, ${count(stacks.length, 'stack')}, ${count(environments.reduce((sum, { resources }) => sum + resources.length, 0), 'resource')}.`,
      tiles: summaries.map(tileOf),
      sections: [
        architectureSection(drawn, graphviz),
        costSection(prices),
        securitySection(drawn, index, readViolations(folder)),
        alarmSection(environments),
        recoverySection(environments),
        deploymentSection(deployed),
        inventorySection(environments),
      ],
    },
  };
}

function readSettings(folder: string): ReportSettings {
  const file = join(folder, SETTINGS_FILE);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ReportSettings;
  } catch {
    throw new ReportError(`${file} is no JSON: synthesize again`);
  }
}

function summaryOf(environment: ReportEnvironment, { report }: PricedEnvironment, { path }: DeployedEnvironment): EnvironmentSummary {
  const { name, profile, stacks, resources } = environment;
  return {
    name,
    profile,
    stacks: stacks.map(stack => stack.name),
    regions: [...new Set(stacks.flatMap(({ region }) => region ?? []))],
    resources: resources.length,
    monthlyUsd: report.monthlyUsd,
    alarms: alarmsOf([environment]).length,
    deploymentMinutes: path.minutes,
  };
}

function tileOf({ name, profile, stacks, regions, resources, monthlyUsd, alarms, deploymentMinutes }: EnvironmentSummary): Tile {
  return {
    name,
    note: [...profile && profile !== name ? [`${profile} profile`] : [], count(stacks.length, 'stack'), regions.join(', ') || 'any region'].join(' · '),
    facts: [
      { value: `$${amount(monthlyUsd).replace(/\.\d+$/, '')}`, what: 'a month, estimated' },
      { value: String(resources), what: resources === 1 ? 'resource' : 'resources' },
      { value: String(alarms), what: alarms === 1 ? 'alarm' : 'alarms' },
      { value: deploymentMinutes >= 1 ? inMinutes(deploymentMinutes) : '< 1 min', what: 'first deployment' },
    ],
  };
}
