import { ACTIONS, PinnedAction } from './release-actions';
import { ReasonsOfRights, withReasons } from './workflow-comments';
import { toYaml, YamlValue } from '../yaml';

/** A job of a workflow, or a part of one. */
export type Job = { readonly [key: string]: YamlValue | undefined };

/** A session of the action, and the longest of a role where nothing else is said. */
export const HOUR_SECONDS = 3600;

/** The machine of all jobs that build nothing for another processor. */
export const LINUX_RUNNER = 'ubuntu-24.04';

/** A variable of the repository, or of the job's environment. */
export function variable(name: string): string {
  return `\${{ vars.${name} }}`;
}

/** A step that an action does. */
export function action(name: string, pinned: PinnedAction, options: { [name: string]: YamlValue }): YamlValue {
  return { name: `${name} (${pinned.uses.split('@')[0]} ${pinned.release})`, uses: pinned.uses, with: options };
}

/** A step that signs in to AWS with the role of a variable, without a stored key. */
export function signIn(role: string, region: string, seconds = HOUR_SECONDS): YamlValue {
  const longer: { [name: string]: YamlValue } = seconds === HOUR_SECONDS ? {} : { 'role-duration-seconds': seconds };
  return action('Sign in to AWS', ACTIONS.awsCredentials, { 'role-to-assume': role, 'aws-region': region, ...longer });
}

/** A step that takes the commit's files, and leaves no token in them. */
export function checkOut(): YamlValue {
  return action('Check out', ACTIONS.checkout, { 'persist-credentials': false });
}

/** The workflow's text, with the release of each action and the reason of each right where Dependabot and zizmor look for them. */
export function workflowText(header: string[], workflow: Job, reasons?: ReasonsOfRights): string {
  const releases = new Map(Object.values<PinnedAction>(ACTIONS).map(({ uses, release }) => [uses, release]));
  const text = withReasons(toYaml(workflow), reasons)
    .replace(/^ *uses: (\S+)$/gm, (line, uses: string) => releases.has(uses) ? `${line} # ${releases.get(uses)}` : line);
  return `${header.map(line => `# ${line}\n`).join('')}${text}`;
}
