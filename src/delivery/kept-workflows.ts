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
  if (stale.size === 0) return;
  if (isCheck(construct, options)) throw refusal(construct, stale);
  writeFiles(new Map([...stale.keys()].map(path => [path, files.get(path)!])));
  console.error(`${construct.node.path} wrote ${[...stale.keys()].map(path => relative(process.cwd(), path)).join(', ')}: commit it.`);
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

function refusal(construct: IConstruct, stale: ReadonlyMap<string, string>): PlatformError {
  const error = new PlatformError(construct, {
    problem: 'the workflows are not what the app says.',
    got: [...stale].map(([path, what]) => `${relative(process.cwd(), path)} is ${what}`).join(', '),
    allowed: 'workflows as the app writes them',
    fix: 'run `npx cdk synth` without the check, and commit what it writes',
  });
  // The way through CDK's synthesis tells nobody what to do; the message does.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
