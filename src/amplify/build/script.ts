import { BuildPlan, PlannedPreviews } from './plan';

/*
 * Scripts of the build spec. Amplify runs the commands one after the other in one shell, which is documented only by the way
 * (https://docs.aws.amazon.com/amplify/latest/userguide/edit-build-settings.html). A script of ours is a bash of its own: it stops at the first
 * command that fails, whatever shell is around it, and leaves no option or variable behind. It needs nothing newer than bash 4.2, Amazon Linux 2's.
 *
 * Names that the scripts give to their own variables begin with _build_: those of the app are variables of the same shell.
 */

/** A script as a command. */
export function script(...parts: readonly string[]): string {
  const text = parts.filter(part => part !== '').join('\n\n').trimEnd();
  return `bash -euo pipefail -c '\n${text.replace(/'/g, "'\\''")}\n'\n`;
}

/** One word, whatever it contains; without quotes where it needs none. */
export function word(text: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(text) ? text : `"${insideQuotes(text)}"`;
}

/** Text between double quotes. */
export function insideQuotes(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&');
}

/** Names as one word that is split where it is used. */
export function names(list: readonly string[]): string {
  return `"${list.join(' ')}"`;
}

/** A command of the user, who may count on variables that are not set being empty. */
export function usersCommand(command: string): string {
  return command.includes('$') ? `set +u\n${command.trim()}` : command.trim();
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** What the builds of a branch, or of pull requests, have in common. */
export type Planned = PlannedPreviews & { readonly name?: string; readonly secrets?: readonly string[]; readonly buildSecrets?: readonly string[] };

export function allPlanned({ branches, previews }: BuildPlan): Planned[] {
  return previews ? [...branches, previews] : [...branches];
}

/** What is done for each branch, said once for those that have it in common. `others` is for a branch that is not one of the app's. */
export function byBranch(plan: BuildPlan, commands: (planned: Planned) => string, others?: string): string {
  const branches = caseOf(plan, commands, others);
  if (!plan.previews) return branches;
  const previews = commands(plan.previews);
  if (others === undefined && allPlanned(plan).every(planned => commands(planned) === previews)) return previews;
  return `if [[ -n "\${AWS_PULL_REQUEST_ID:-}" ]]; then\n${indent(previews || ':')}\nelse\n${indent(branches || ':')}\nfi`;
}

function caseOf({ branches }: BuildPlan, commands: (planned: Planned) => string, others?: string): string {
  const groups = new Map<string, string[]>();
  for (const branch of branches) groups.set(commands(branch), [...groups.get(commands(branch)) ?? [], branch.name]);
  if (groups.size === 1 && others === undefined) return [...groups.keys()][0];
  const cases = [...groups].map(([text, found]) => choice(found.map(word).join(' | '), text || ':'));
  return ['case "${AWS_BRANCH:-}" in', ...cases, ...others === undefined ? [] : [choice('*', others)], 'esac'].map((text, index, all) => (
    index === 0 || index === all.length - 1 ? text : indent(text)
  )).join('\n');
}

function choice(pattern: string, text: string): string {
  return text.includes('\n') ? `${pattern})\n${indent(text)}\n  ;;` : `${pattern}) ${text} ;;`;
}
