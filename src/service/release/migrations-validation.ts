import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { MigrationsProps } from './migrations';
import { PlatformError } from '../../errors';
import { checkBoolean, checkDuration, checkGiven, checkKnown, checkList, display } from '../../validate';
import { validateContainerTask } from '../validate-container-task';

const COMMAND = "a command as a list of words, such as ['alembic', 'upgrade', 'head']";

/** Refuses what could not migrate, beside what every container task refuses. */
export function validateMigrations(where: IConstruct, props: MigrationsProps): void {
  checkGiven(where, 'command', props?.command, COMMAND);
  checkCommand(where, props.command!);
  validateContainerTask(where, props);
  checkDuration(where, 'timeout', props.timeout, 60, 3300);
  checkBoolean(where, 'releasedByHook', props.releasedByHook);
  checkKnown(where, 'releasedByHook', props.releasedByHook);
}

function checkCommand(where: IConstruct, command: string[]): void {
  checkList(where, 'command', command);
  if (Token.isUnresolved(command)) return;
  if (command.length > 0 && command.every(word => typeof word === 'string') && command[0] !== '') return;
  throw new PlatformError(where, {
    problem: command.length === 0 ? 'command is empty, and the image would start its service instead of a migration.' : 'command has a word that is no text.',
    got: `command ${display(command)}`,
    allowed: COMMAND,
    fix: 'write the command as a list of strings',
  });
}
