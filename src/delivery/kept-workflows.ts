import { existsSync, readdirSync, readFileSync, rmSync } from 'fs';
import { join, relative, resolve } from 'path';
import { attachCustomSynthesis } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { repositoryAround, staleFiles } from './written-files';
import { PlatformError } from '../errors';
import { writeFiles } from '../write-files';

const CHECK_VARIABLE = 'CDK_WEB_PLATFORM_CHECK';
const CHECK_CONTEXT = 'cdk-web-platform:check';

/** Where workflows are kept, and how. */
export interface KeptWorkflowsOptions {
  readonly repositoryRoot?: string;
  readonly check?: boolean;
  /** First line of the construct's files. Others that begin with it were its own before it changed, and would go on deploying. */
  readonly mark?: string;
}

/**
 * Keeps files of `.github/workflows` as they should be, at each synth: when all constructs have been validated, and never while they are made. A
 * construct's own synthesis, because an app can have only one and StatefulGuard has it.
 */
export function keepWorkflows(construct: IConstruct, texts: ReadonlyMap<string, string>, options: KeptWorkflowsOptions, validate = () => {}): void {
  attachCustomSynthesis(construct, {
    onSynthesize: () => {
      validate();
      keep(construct, texts, options);
    },
  });
}

function keep(construct: IConstruct, texts: ReadonlyMap<string, string>, options: KeptWorkflowsOptions): void {
  const folder = join(findRepository(construct, options), '.github', 'workflows');
  const files = new Map([...texts].map(([name, text]) => [join(folder, name), text]));
  const stale = staleFiles(files);
  const unwanted = unwantedFiles(folder, files, options.mark);
  if (stale.size + unwanted.length === 0) return;
  if (isCheck(construct, options)) throw refusal(construct, [...stale, ...unwanted.map((path): [string, string] => [path, 'no longer wanted'])]);
  writeFiles(new Map([...stale.keys()].map(path => [path, files.get(path)!])));
  for (const path of unwanted) rmSync(path);
  const done = [['wrote', [...stale.keys()]], ['removed', unwanted]] as const;
  const words = done.filter(([, paths]) => paths.length > 0).map(([what, paths]) => `${what} ${paths.map(shown).join(', ')}`);
  console.error(`${construct.node.path} ${words.join(' and ')}: commit it.`);
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}

function unwantedFiles(folder: string, files: ReadonlyMap<string, string>, mark: string | undefined): string[] {
  if (mark === undefined || !existsSync(folder)) return [];
  const others = readdirSync(folder).filter(name => name.endsWith('.yml')).map(name => join(folder, name)).filter(path => !files.has(path));
  return others.filter(path => readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] === mark);
}

function findRepository(construct: IConstruct, { repositoryRoot }: KeptWorkflowsOptions): string {
  const found = repositoryRoot === undefined ? repositoryAround(process.cwd()) : resolve(repositoryRoot);
  if (found) return found;
  throw new PlatformError(construct, {
    problem: 'there is no repository to write workflows to.',
    got: `no .git in ${process.cwd()} or above`,
    allowed: 'an app that runs in a repository, or repositoryRoot',
    fix: 'run `git init`, or set repositoryRoot',
  });
}

function isCheck(construct: IConstruct, { check }: KeptWorkflowsOptions): boolean {
  const context: unknown = construct.node.tryGetContext(CHECK_CONTEXT);
  return check ?? (String(context) === 'true' || !['', '0', 'false', undefined].includes(process.env[CHECK_VARIABLE]));
}

function refusal(construct: IConstruct, stale: [string, string][]): PlatformError {
  const error = new PlatformError(construct, {
    problem: 'the workflows are not what the app says.',
    got: stale.map(([path, what]) => `${shown(path)} is ${what}`).join(', '),
    allowed: 'workflows as the app writes them',
    fix: 'run `npx cdk synth` without the check, and commit what it writes',
  });
  // The way through CDK's synthesis tells nobody what to do; the message does.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
