import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { CommandAnswer } from '../../src/service/release/migration-by-hand';
import { AwsOptions, clientSettings } from '../aws/clients';
import { choose, deployedResources } from '../aws/deployed-stack';
import { isConfirmed } from '../confirm';
import { Refusal } from '../outcome';
import type { Terminal } from '../terminal';

export interface UndoMigrationOptions extends AwsOptions {
  readonly stack: string;
  readonly service?: string;
  readonly taskDefinition?: string;
  readonly yes?: boolean;
}

const WHERE = 'cdk-web-platform undo-migration';
/** What the library says of the function that migrates. */
const DESCRIPTION = 'Migrates a database: once for each version, one task at a time';
/** Longer than the function runs: asked twice, it would run the command twice. */
const PATIENCE_MILLISECONDS = 16 * 60_000;

/** Runs a command as a migration, through the function that runs them: it knows the lock, the task and the image. */
export async function undoMigration(command: string[], options: UndoMigrationOptions, terminal: Terminal): Promise<void> {
  const { stack, service, taskDefinition, yes } = options;
  const functions = (await deployedResources(stack, options, WHERE)).filter(({ type, description }) => type === 'AWS::Lambda::Function' && description === DESCRIPTION);
  const { physicalId, logicalId } = choose(functions, one => one.logicalId, service, 'service with migrations', WHERE);
  const image = taskDefinition ?? 'the image that migrated last';
  if (!await isConfirmed(`Run "${command.join(' ')}" on the database of ${stack} (${logicalId}), in ${image}?`, yes, terminal, WHERE)) {
    terminal.progress('Nothing was done.');
    return;
  }
  const answer = await terminal.step(`${command.join(' ')}, in ${image}`, () => invoke(physicalId, { command, taskDefinition }, options));
  terminal.result(print(answer), answer);
}

async function invoke(functionName: string, event: object, options: AwsOptions): Promise<CommandAnswer> {
  const client = new LambdaClient({
    ...clientSettings(options), maxAttempts: 1, requestHandler: { requestTimeout: PATIENCE_MILLISECONDS, socketTimeout: PATIENCE_MILLISECONDS },
  });
  const request = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
  const { FunctionError: failure, Payload: payload } = await client.send(request);
  const answer = JSON.parse(Buffer.from(payload ?? []).toString() || 'null');
  if (!failure) return answer;
  const fix = 'correct the command, or look at the log of the migrations; what was undone in a transaction is as it was';
  throw new Refusal(`It failed: ${answer?.errorMessage ?? failure}`, fix);
}

function print({ status, exitCode, seconds, taskDefinition, task, lastLines = [] }: CommandAnswer): string {
  if (status === 'RUNNING') return `It still runs as ${task}. The function looks after it; its end is in the log of the migrations.`;
  return [...lastLines, `Done in ${seconds} s with exit code ${exitCode}, in ${taskDefinition}. Each version migrates again when it is next deployed.`].join('\n');
}
