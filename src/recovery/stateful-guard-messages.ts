import { relative } from 'path';
import type { Finding, Place, PropertyChange } from './stateful-guard-comparison';
import type { PresentStack } from './stateful-guard-inventory';
import { lockText, type Lock } from './stateful-guard-lock';
import { isConditional, updatePolicy } from './stateful-guard-types';
import { PlatformError } from '../errors';
import { display } from '../validate';

const SNAPSHOT = /SnapshotIdentifier$|^SnapshotName$|^SnapshotArns/;

/** The one error with everything that a deployment would lose. */
export function lossError(file: string, findings: readonly Finding[]): PlatformError {
  const lost = findings.filter(({ kind }) => kind !== 'allowed for nothing').length;
  return new PlatformError(shown(file), {
    problem: lost > 0 ? `a deployment would lose, replace or break ${lost === 1 ? 'what keeps state' : `what keeps state, in ${lost} places`}.`
      : 'the lock file allows what does not happen.',
    got: findings.map(finding => `\n${explanation(finding).map((line, index) => `${index === 0 ? '    - ' : '      '}${line}`).join('\n')}`).join(''),
    allowed: lost > 0 ? 'each resource of the lock file under its logical id, with the properties that CloudFormation can only give to a new one'
      : 'an allow that the next deployment needs',
    fix: lost > 0 ? `take the change back; or, where it is meant, give the entry in ${shown(file)} a reason, `
      + '"allow": "why this may go", and synthesize again'
      : 'remove "allow" again, so that no later accident is allowed by it',
  });
}

/** In a pipeline, where nobody would commit what is written. */
export function outdatedError(file: string, lock: Lock | undefined, next: Lock): PlatformError {
  return new PlatformError(shown(file), {
    problem: lock ? 'the lock file is not the one of this app.' : 'there is no lock file.',
    got: lock ? differences(lock, next).join('; ') : 'no file, in a pipeline (ci), where it is not written',
    allowed: 'the lock file that a synth of this app writes',
    fix: 'run `npx cdk synth` on your machine and commit the lock file with the change that it belongs to',
  });
}

/** What a team should read in the terminal after the lock file was written. */
export function writtenNotice(file: string, lock: Lock | undefined, next: Lock, inventory: ReadonlyMap<string, PresentStack>): string {
  const known = new Set(entries(lock).map(([key]) => key));
  const pinned = [...inventory].flatMap(([stack, { resources }]) => [...resources]
    .filter(([logicalId, resource]) => resource.pinned && !known.has(`${stack} ${logicalId}`))
    .map(([, { path }]) => `  ${path}: the template pins a minor version and RDS upgrades minor versions by itself. Once it did, a deployment that `
      + 'changes the version fails (aws-cdk#15475): pin the major version only, or set autoMinorVersionUpgrade to false.'));
  return [`StatefulGuard wrote ${shown(file)}: commit it.`, ...differences(lock, next).map(line => `  ${line}`), ...pinned].join('\n');
}

/** What differs between two lock files, a line for each entry. */
function differences(lock: Lock | undefined, next: Lock): string[] {
  const [before, after] = [new Map(entries(lock)), new Map(entries(next))];
  const lines = [
    ...[...after].filter(([key]) => !before.has(key)).map(([key]) => `added ${key}`),
    ...[...before].filter(([key]) => !after.has(key)).map(([key]) => `removed ${key}`),
    ...[...after].filter(([key, text]) => before.has(key) && before.get(key) !== text).map(([key]) => `changed ${key}`),
  ];
  return lines.length > 0 ? lines : ['names of stacks, or the list of properties that CloudFormation cannot change'];
}

function entries(lock: Lock | undefined): [string, string][] {
  return [...lock?.stacks ?? []].flatMap(([stack, { stackName, resources }]) => [...resources].map(([logicalId, resource]): [string, string] => {
    const alone = new Map([[stack, { stackName, resources: new Map([[logicalId, resource]]) }]]);
    return [`${stack} ${logicalId}`, lockText({ types: new Map(), stacks: alone, released: new Map() })];
  }));
}

function explanation(finding: Finding): string[] {
  switch (finding.kind) {
    case 'stack gone': return [
      `${finding.stack}: the stack ${finding.locked.stackName} with ${counted(finding.locked.resources.size)} is no longer in the app.`,
      finding.locked.stackName.includes('/') ? 'CloudFormation deletes a nested stack, with all that it holds, when it leaves its parent.'
        : 'CloudFormation keeps it, and the app knows it no more: one under another name starts empty.',
      'Where an app makes other stacks for each environment or branch, give each a lock file of its own with `lockFile`.',
    ];
    case 'stack renamed': return [
      `${finding.stack}: the stack is called ${finding.stackName}, and was ${finding.locked.stackName}.`,
      `A deployment makes a second stack beside it, and ${counted(finding.locked.resources.size)} in it anew and empty.`,
    ];
    case 'gone': return [
      `${title(finding.place)} would disappear.`,
      'CloudFormation deletes it, or leaves it behind where its DeletionPolicy says so.',
      ...finding.lookalike ? moved(finding.place, finding.lookalike) : ['Was it never deployed? Then take the lock file back to its last commit.'],
    ];
    case 'type changed': return [
      `${title(finding.place)} would become a ${finding.type}.`,
      'CloudFormation cannot change the type of a resource: what is there has to go first.',
    ];
    case 'replaced': return [
      `${title(finding.place)} ${fate(finding.place.resource.type, finding.changes)}`,
      ...finding.changes.flatMap(change => explainedChange(finding.place.resource.type, change)),
    ];
    case 'downgraded': return [
      `${title(finding.place)} would go back from version ${finding.place.resource.version} to ${finding.version}.`,
      'No service lowers the version of what is running: the deployment fails, or makes a new and empty one.',
      'Where RDS has upgraded the minor version by itself, write the version that is running, or the major version only (aws-cdk#15475).',
    ];
    case 'allowed for nothing': return [`${finding.at}: allow ${display(finding.reason)}, and nothing of it is lost or replaced.`];
  }
}

function fate(type: string, changes: readonly PropertyChange[]): string {
  if (changes.every(({ property }) => property === 'Condition')) return 'could disappear.';
  const certain = changes.some(({ property }) => SNAPSHOT.test(property) || !isConditional(type, property));
  return `${certain ? 'would' : 'may'} be replaced by a new one.`;
}

function explainedChange(type: string, { property, before, after }: PropertyChange): string[] {
  const line = `${property}: ${value(before)} → ${value(after)}`;
  const policy = updatePolicy(type, property);
  if (property === 'Condition') return [line, '  Where the condition is false, CloudFormation deletes it.'];
  if (SNAPSHOT.test(property)) return [line, `  ${snapshotExplanation(before, after)}`];
  if (policy) return [line, `  CloudFormation changes it in place only with UpdatePolicy ${policy}: true.`];
  if (property.includes(' > ')) return [line, '  What it is in would be replaced, and it with that.'];
  if (isConditional(type, property)) return [line, '  CloudFormation may replace it for this: a change set (`cdk diff`) tells.'];
  return [line];
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbcluster.html */
function snapshotExplanation(before: unknown, after: unknown): string {
  if (before === undefined) return 'A snapshot is restored into a new one: what was written since is not in it. Restore beside it, under another id, and move over.';
  if (after === undefined) return 'What was restored from a snapshot has to name it for ever: without it an empty one takes its place.';
  return 'Another snapshot is restored into a new one, and what was written since the first is gone.';
}

function moved(lost: Place, found: Place): string[] {
  const here = `A new one of its type is at ${found.resource.path}, with the logical id ${found.logicalId}`;
  if (found.stack !== lost.stack) {
    return [`${here} in the stack ${found.stack}: was it moved? Move it back, or move it with \`cdk refactor\` and allow this.`];
  }
  return [`${here}: was it renamed or moved? Keep its id:`, `(construct.node.defaultChild as CfnResource).overrideLogicalId('${lost.logicalId}')`];
}

function title({ stack, logicalId, resource }: Place): string {
  return `${resource.path} (${resource.type}, ${logicalId} in ${stack})`;
}

function value(text: unknown): string {
  return text === undefined ? 'not given' : display(text);
}

function counted(resources: number): string {
  return `${resources} guarded resource${resources === 1 ? '' : 's'}`;
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
