import { readFileSync } from 'fs';
import { basename, join, relative, resolve } from 'path';
import { PlatformError } from '../../src/errors';
import { filesOf } from '../init/app-files';
import { beginRepository, lookAround } from '../init/repository';
import { checkFolder, writeApp } from '../init/write-app';
import { Terminal } from '../terminal';

export interface InitOptions {
  readonly pattern?: string;
  readonly name?: string;
  readonly directory?: string;
  readonly npm?: boolean;
  readonly projen?: boolean;
  readonly package?: string;
  readonly repository?: string;
  readonly yes?: boolean;
}

const WHERE = 'cdk-web-platform init';
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const REPOSITORY = /^[A-Za-z0-9](-?[A-Za-z0-9])*\/(?!\.\.?$)[A-Za-z0-9._-]+$/;
const LONGEST_NAME = 40;
const DEFAULT_NAME = 'my-app';

const CHOICES = [
  { value: 'fargate-api-with-rds', name: 'An API in containers, with PostgreSQL', description: 'FargateApiWithRds' },
  { value: 'static-cdn-site', name: 'A site or single-page app behind CloudFront', description: 'StaticCdnSite' },
  { value: 'amplify-multi-branch-app', name: 'An Amplify app whose branches are environments', description: 'AmplifyMultiBranchApp' },
  { value: 'production-web-platform', name: 'All of it under one name: site, API, database, cache', description: 'ProductionWebPlatform' },
];

/** Begins an app: asks what was not said, and writes it. */
export async function init(options: InitOptions, terminal: Terminal): Promise<void> {
  checkNameable(options.name);
  checkRepository(options.repository);
  if (options.directory !== undefined) checkFolder(options.directory, WHERE);
  const answers = terminal.isInteractive && !options.yes ? await ask(options) : withoutAsking(options);
  const directory = options.directory ?? answers.name;
  checkFolder(directory, WHERE);

  const around = lookAround(directory);
  const repository = options.repository ?? around.repository;
  const files = filesOf({ ...answers, repository, folder: around.folder, packageSpec: packageSpec(options.package) });
  writeApp(directory, files);
  const isRepository = around.root !== undefined || beginRepository(directory);
  const steps = [...nextSteps(directory, answers.projen), ...isRepository ? [] : ['git init'], 'npx cdk synth'];
  terminal.result([
    `${answers.name} is in ${resolve(directory)}: ${files.size} files. Next:`, '', ...steps.map(step => `  ${step}`), '', 'Then README.md.',
    ...repository === undefined ? [`Its repository on GitHub is not known: replace my-org/${answers.name}.`] : [],
  ].join('\n'), { directory: resolve(directory), ...answers, repository, files: [...files.keys()].sort(), next: steps });
}

/** What the app is. */
interface Answers {
  readonly pattern: string;
  readonly name: string;
  readonly projen: boolean;
}

async function ask(options: InitOptions): Promise<Answers> {
  const [{ default: input }, { default: select }] = await Promise.all([import('@inquirer/input'), import('@inquirer/select')]);
  // Questions are no result.
  const context = { output: process.stderr };
  const pattern = options.pattern ?? await select({ message: 'What will it be?', choices: CHOICES }, context);
  const name = options.name ?? await input({ message: 'Its name?', default: proposedName(options), validate: answer => isName(answer) || FORM }, context);
  const projen = options.projen ?? (options.npm ? false : await select({
    message: 'Managed by?',
    choices: [{ value: false, name: 'plain npm' }, { value: true, name: 'projen', description: 'writes package.json, tsconfig.json and the like' }],
  }, context));
  return { pattern, name, projen };
}

function withoutAsking({ pattern, projen = false, ...options }: InitOptions): Answers {
  if (pattern !== undefined) return { pattern, name: options.name ?? proposedName(options), projen };
  throw new PlatformError(WHERE, {
    problem: 'the pattern is missing, and nobody is asked.',
    got: options.yes ? '--yes without --pattern' : 'no --pattern, and no terminal to ask on',
    allowed: CHOICES.map(({ value }) => value).join(', '),
    fix: `name one: --pattern ${CHOICES[0].value}`,
  });
}

function proposedName({ directory }: InitOptions): string {
  const name = directory === undefined ? '' : basename(resolve(directory)).toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  return isName(name) ? name : DEFAULT_NAME;
}

const FORM = `small letters, digits and single hyphens, beginning with a letter, at most ${LONGEST_NAME}`;

function isName(name: string): boolean {
  return NAME.test(name) && name.length <= LONGEST_NAME;
}

function checkNameable(name: string | undefined): void {
  if (name === undefined || isName(name)) return;
  throw new PlatformError(WHERE, { problem: '--name cannot be the name of a stack and of a package.', got: `--name ${name}`, allowed: FORM, fix: 'for example --name my-app' });
}

function checkRepository(repository: string | undefined): void {
  if (repository === undefined || REPOSITORY.test(repository)) return;
  throw new PlatformError(WHERE, {
    problem: '--repository is no repository on GitHub.', got: `--repository ${repository}`, allowed: 'owner/name', fix: 'for example --repository acme/shop',
  });
}

/** A path of a tarball is relative to where the command runs, not to the new app. */
function packageSpec(given: string | undefined): string {
  if (given === undefined) return `^${JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version}`;
  return /\.tgz$/.test(given) && !/^(file|https?):/.test(given) ? `file:${resolve(given)}` : given;
}

function nextSteps(directory: string, projen: boolean): string[] {
  const folder = relative(process.cwd(), resolve(directory));
  return [...folder ? [`cd ${folder}`] : [], 'npm install', ...projen ? ['npm run projen'] : [], 'npm test'];
}
