import { readFileSync } from 'fs';
import { join } from 'path';
import { Command, CommanderError, Option } from 'commander';
import { explain } from './explain';
import { ExitCode } from './outcome';
import { Terminal } from './terminal';

const PATTERNS = ['fargate-api-with-rds', 'static-cdn-site', 'amplify-multi-branch-app', 'production-web-platform'];
const REGIONS = ['us-east-1', 'eu-central-1'];

const EXIT_CODES = `
Exit codes:
  0  done, and nothing to complain of
  1  something was found, or AWS or a program said no
  2  the command cannot be done as it was given; nothing was done
  3  a mistake of ours, please report it

More: https://github.com/cdk-web-platform/cdk-web-platform/blob/main/docs/cli.md`;

const APP = new Option('--app <folder>', 'assembly that cdk synth wrote, such as cdk.out (default: the app of this folder, synthesized now)');
const STACK = new Option('--stack <name>', 'name of the deployed stack, as CloudFormation has it').makeOptionMandatory();
const PROFILE = new Option('--profile <name>', 'profile of your AWS configuration');
const REGION = new Option('--region <name>', 'AWS region of the stack (default: that of the profile or of AWS_REGION)');
const YES = new Option('-y, --yes', 'do not ask');

/** Each command's module is read when it runs: `--help` must not wait for the AWS SDK. */
function createProgram(): Command {
  const program = new Command('cdk-web-platform')
    .description('A production web platform on AWS, from the first file to the way back.')
    .version(version())
    .option('--json', 'write the result as JSON, and nothing else to the output')
    .option('--debug', 'show the stack trace of an error')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false });

  program.command('init')
    .summary('begin an app of one of the patterns')
    .description('Write a CDK app that is ready to deploy: two environments, a test that passes, the way from a push to production, and what to do next.')
    .addOption(new Option('--pattern <name>', 'what the app is').choices(PATTERNS))
    .option('--name <name>', 'name of the app, of its stacks and of its folder')
    .option('--repository <owner/name>', "its repository on GitHub (default: that of git's remote origin)")
    .option('--directory <folder>', 'folder to make (default: the name)')
    .addOption(new Option('--npm', 'plain npm (the default)').conflicts('projen'))
    .option('--projen', 'managed by projen')
    .option('--package <spec>', 'where npm gets cdk-web-platform from, such as a tarball (default: this version)')
    .addOption(YES)
    .action(async (options, command: Command) => (await import('./commands/init.js')).init(options, terminalOf(command)));

  program.command('workflows')
    .summary('write the GitHub workflows of the app, or check them')
    .description("Synthesize the app of this folder, which writes its GithubDelivery's workflows where they changed.")
    .option('--check', 'write nothing; fail where a workflow is not what the app says')
    .action(async (options, command: Command) => (await import('./commands/workflows.js')).workflows(options, terminalOf(command)));

  program.command('report')
    .summary('write a report of the app that a team can read')
    .description('Write report/index.html and the same as Markdown: architecture, costs, security, alarms, recovery.')
    .addOption(APP)
    .action(async (options, command: Command) => (await import('./commands/report.js')).report(options, terminalOf(command)));

  program.command('estimate')
    .summary('what the app costs a month')
    .description("What each stack and block costs a month at AWS's list prices, from the templates alone: no account is needed.")
    .addOption(APP)
    .addOption(new Option('--region <name>', 'whose prices count where the app does not say').choices(REGIONS).default('us-east-1'))
    .option('--no-free-tier', 'do not take off what AWS gives each account every month')
    .action(async (options, command: Command) => (await import('./commands/estimate.js')).estimate(options, terminalOf(command)));

  program.command('doctor')
    .summary('is the account ready for the app?')
    .description('Look for what a deployment would fail on: credentials, bootstrap, quotas, domains, secrets, certificates; each with its fix.')
    .addOption(APP)
    .option('--stack <names...>', 'only these stacks (default: all)')
    .addOption(PROFILE)
    .option('--dns-server <address>', "name server to ask for a domain's delegation (default: the machine's)")
    .action(async (options, command: Command) => (await import('./commands/doctor.js')).doctor(options, terminalOf(command)));

  program.command('rollback')
    .summary('take a service back to its release before')
    .description("Deploy a service's previous release by its own release strategy; or, while a release is under way, roll that one back.")
    .addOption(STACK)
    .option('--service <name>', 'which service, by a part of its logical id or name (default: the only one)')
    .option('--to <task definition>', 'another release than the one before, as family:revision')
    .addOption(PROFILE).addOption(REGION).addOption(YES)
    .option('--no-wait', 'do not wait until the release has settled')
    .action(async (options, command: Command) => (await import('./commands/rollback.js')).rollback(options, terminalOf(command)));

  program.command('undo-migration')
    .summary('take a schema change back')
    .description('Run a command as the migration task of a deployed service, in the image that migrated last.')
    .argument('<command...>', 'what to run, after --, such as: -- alembic downgrade -1')
    .addOption(STACK)
    .option('--service <name>', 'whose migrations, by a part of their logical id (default: the only ones)')
    .option('--task-definition <family:revision>', 'another image than the one that migrated last')
    .addOption(PROFILE).addOption(REGION).addOption(YES)
    .action(async (words, options, command: Command) => (await import('./commands/undo-migration.js')).undoMigration(words, options, terminalOf(command)));

  return program;
}

function terminalOf(command: Command): Terminal {
  return new Terminal(command.optsWithGlobals().json === true);
}

function version(): string {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
}

async function main(): Promise<void> {
  // Advice for those who install the SDK; here it is part of the program.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const isAsked = (option: string) => process.argv.slice(2, process.argv.includes('--') ? process.argv.indexOf('--') : undefined).includes(option);
  try {
    await createProgram().parseAsync();
  } catch (error) {
    // It has said what is wrong; help and version are no errors.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.DONE : ExitCode.USAGE;
      if (process.exitCode !== ExitCode.DONE && isAsked('--json')) new Terminal(true).result('', { error: { message: error.message } });
      return;
    }
    const { code, message } = explain(error);
    process.stderr.write(`${isAsked('--debug') ? (error as Error).stack ?? message : message}\n`);
    if (isAsked('--json')) new Terminal(true).result('', { error: { message } });
    process.exitCode = code;
  }
}

void main();
