import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { DesktopReleaseWorkflowProps } from './desktop-release-workflow';
import { DesktopSystem } from './desktop-system';
import { PlatformError } from '../errors';
import { checkDuration, checkInteger, checkKind, checkKnown, checkList, checkOneOf, checkText, display } from '../validate';

type Where = IConstruct | string;

const SYSTEMS = Object.values(DesktopSystem);
/** `feed` and `release` are names of files of each version. */
const CHANNEL = /^(?!(?:feed|release)$)[a-z][a-z0-9]{0,30}$/;

/** Refuses options of which no workflow, or a harmful one, could be written. */
export function validateDesktopReleaseWorkflow(where: Where, props: DesktopReleaseWorkflowProps): void {
  validateChannels(where, props.channels);
  checkKind(where, 'oldVersions', props.oldVersions, '_newest', 'OldVersions.keepAll() or OldVersions.keepNewest(20)');
  validateSystems(where, props.systems);
  validateTexts(where, props);
  validateVariables(where, props.buildVariables);
  checkInteger(where, 'initialRollout', props.initialRollout, 0, 100);
  checkDuration(where, 'timeout', props.timeout, 8 * 60, 360 * 60);
  checkInteger(where, 'timeout (minutes)', props.timeout?.toMinutes({ integral: false }), 8, 360);
}

/** Channels are feed files and parts of versions at once. */
export function validateChannels(where: Where, channels: string[] | undefined): void {
  checkKnown(where, 'channels', channels);
  checkList(where, 'channels', channels);
  for (const channel of channels ?? []) {
    checkKnown(where, 'channels', channel);
    checkText(where, 'channels', channel, CHANNEL, "names of small letters and digits, such as 'latest', 'beta' and 'alpha'");
  }
  if (!channels || (channels[0] === 'latest' && new Set(channels).size === channels.length)) return;
  throw new PlatformError(where, {
    problem: "channels do not begin with 'latest', or name one twice.",
    got: `channels ${display(channels)}`,
    allowed: "'latest', which apps ask for unless told otherwise, then others from the more to the less stable",
    fix: "write for example ['latest', 'beta', 'alpha']",
  });
}

/** The prefix is a part of a script and of a role's condition. */
export function validateTagPrefix(where: Where, tagPrefix: string | undefined): void {
  checkText(where, 'tagPrefix', known(where, 'tagPrefix', tagPrefix), /^[A-Za-z][\w.-]*$/, "letters, digits, '.', '-' and '_', such as 'v' or 'desktop-v'");
}

function validateSystems(where: Where, systems: DesktopSystem[] | undefined): void {
  checkList(where, 'systems', systems);
  for (const system of systems ?? []) checkOneOf(where, 'systems', system, SYSTEMS);
  if (!systems || (systems.length > 0 && new Set(systems).size === systems.length)) return;
  throw new PlatformError(where, {
    problem: 'systems has none, or one twice.',
    got: `systems ${display(systems)}`,
    allowed: SYSTEMS.join(', '),
    fix: 'name each system once, or leave systems out for all three',
  });
}

function validateTexts(where: Where, props: DesktopReleaseWorkflowProps): void {
  const line = (prop: string, value: string | undefined) => checkText(where, prop, known(where, prop, value), /^[^\s$]([^\r\n$]*[^\s$])?$/, 'one line without $');
  const folder = (prop: string, value: string | undefined) =>
    checkText(where, prop, known(where, prop, value), /^(\.|(?!\.\.?(\/|$))[\w.-]+(\/(?!\.\.?(\/|$))[\w.-]+)*)$/, "a folder below, such as 'apps/desktop', or '.'");
  line('name', props.name);
  line('installCommand', props.installCommand);
  line('buildCommand', props.buildCommand);
  line('packageCommand', props.packageCommand);
  folder('workingDirectory', props.workingDirectory);
  folder('outputDirectory', props.outputDirectory);
  validateTagPrefix(where, props.tagPrefix);
  checkText(where, 'nodeVersion', known(where, 'nodeVersion', props.nodeVersion), /^\d+(\.\d+){0,2}$/, "a version such as '24' or '24.4.1'");
  checkText(where, 'environment', known(where, 'environment', props.environment), /^[^\s*?:$'"]([^*?:$'"\r\n]*[^\s*?:$'"])?$/, 'the name of one environment, without wildcards');
}

function validateVariables(where: Where, names: string[] | undefined): void {
  checkList(where, 'buildVariables', names);
  for (const name of names ?? []) {
    // GitHub refuses names of its own for variables: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    checkText(where, 'buildVariables', known(where, 'buildVariables', name), /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/, "names such as 'VITE_API_BASE_URL', not beginning with GITHUB_");
  }
}

function known(where: Where, prop: string, value: string | undefined): string | undefined {
  if (Token.isUnresolved(value)) checkKnown(where, prop, value);
  return value;
}
