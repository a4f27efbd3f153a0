/*
 * Lists which actions of the generated workflows are outdated, or are not the commit that their release says. Needs the internet and no account;
 * GITHUB_TOKEN lifts GitHub's limit of 60 requests an hour. Exit code 0: none, 1: some, 2: not known.
 */
import { ACTIONS, type PinnedAction } from '../src/delivery/release-actions';

const GITHUB = 'https://api.github.com';

/** Where to ask. */
export interface Github {
  readonly address: string;
  readonly token?: string;
}

/** What GitHub says of an action. */
export interface ActionNews {
  /** Owner and name of the repository, such as `actions/checkout`. */
  readonly action: string;
  readonly pinned: PinnedAction;
  /** The newest release, and the commit that it is. */
  readonly newest: { readonly release: string; readonly commit: string };
  /** The commit that the pinned release is. */
  readonly commitOfPinned: string;
}

/** Owner, name and commit of `owner/name/folder@commit`. */
export function partsOf({ uses }: PinnedAction): { readonly action: string; readonly commit: string } {
  const parts = /^([\w.-]+\/[\w.-]+)(?:\/[^@]+)?@([0-9a-f]{40})$/.exec(uses);
  if (!parts) throw new Error(`${uses} is not owner/name@commit`);
  return { action: parts[1], commit: parts[2] };
}

/** What is wrong with a pin, in words; undefined where nothing is. */
export function problemOf({ action, pinned, newest, commitOfPinned }: ActionNews): string | undefined {
  const { commit } = partsOf(pinned);
  if (commit !== commitOfPinned) return `${action}: ${commit} is not ${pinned.release}, which is ${commitOfPinned}`;
  if (pinned.release === newest.release) return undefined;
  return `${action}: ${pinned.release} -> ${newest.release}\n  uses: '${pinned.uses.replace(commit, newest.commit)}', release: '${newest.release}'`;
}

/** What GitHub says of each action, in their order. */
export async function newsOf(actions: readonly PinnedAction[], github: Github): Promise<ActionNews[]> {
  return Promise.all(actions.map(async pinned => {
    const { action } = partsOf(pinned);
    const latest = await ask(github, `/repos/${action}/releases/latest`);
    const release = text(latest, 'tag_name', action);
    const commitOfPinned = await commitOf(github, action, pinned.release);
    const commit = release === pinned.release ? commitOfPinned : await commitOf(github, action, release);
    return { action, pinned, newest: { release, commit }, commitOfPinned };
  }));
}

/**
 * The commit that a tag stands for, also where it is an annotated one.
 *
 * @see https://docs.github.com/en/rest/commits/commits#get-a-commit
 */
async function commitOf(github: Github, action: string, tag: string): Promise<string> {
  return text(await ask(github, `/repos/${action}/commits/tags/${encodeURIComponent(tag)}`), 'sha', action);
}

function text(answer: unknown, field: string, action: string): string {
  const value = (answer as { [field: string]: unknown } | null)?.[field];
  if (typeof value !== 'string') throw new Error(`GitHub's answer on ${action} has no ${field}`);
  return value;
}

async function ask({ address, token }: Github, path: string): Promise<unknown> {
  const headers = {
    'accept': 'application/vnd.github+json',
    'user-agent': 'cdk-web-platform',
    'x-github-api-version': '2022-11-28',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const response = await fetch(`${address}${path}`, { headers, signal: AbortSignal.timeout(30_000) }).catch((error: Error) => {
    throw new Error(`${address} cannot be reached, so nothing is known of newer releases: ${String((error.cause as Error | undefined)?.message ?? error.message)}`);
  });
  if (response.ok) return response.json();
  if (response.headers.get('x-ratelimit-remaining') === '0') {
    throw new Error(`GitHub answers no more requests until ${resetTime(response)}.${token ? '' : ' Set GITHUB_TOKEN: it allows more.'}`);
  }
  throw new Error(`${address}${path} answers ${response.status}${response.status === 401 ? ': GITHUB_TOKEN is wrong or has expired' : ''}`);
}

function resetTime(response: Response): string {
  const seconds = Number(response.headers.get('x-ratelimit-reset'));
  return seconds > 0 ? new Date(seconds * 1000).toISOString() : 'later';
}

/** Tells what is outdated and answers the exit code. */
export async function report(actions: readonly PinnedAction[], github: Github, print: (line: string) => void): Promise<number> {
  const problems = (await newsOf(actions, github)).flatMap(news => problemOf(news) ?? []);
  for (const problem of problems) print(problem);
  print(`${actions.length} actions, ${problems.length} outdated`);
  return problems.length > 0 ? 1 : 0;
}

if (require.main === module) {
  const github = { address: process.env.GITHUB_API_URL ?? GITHUB, token: process.env.GITHUB_TOKEN };
  report(Object.values(ACTIONS), github, line => process.stdout.write(`${line}\n`)).then(code => {
    process.exitCode = code;
  }, (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  });
}
