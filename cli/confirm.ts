import type { Terminal } from './terminal';
import { PlatformError } from '../src/errors';

/** Asks before something changes. Where nobody can be asked, the command must have said it. */
export async function isConfirmed(question: string, yes: boolean | undefined, terminal: Terminal, where: string): Promise<boolean> {
  if (yes) return true;
  if (!terminal.isInteractive) {
    throw new PlatformError(where, {
      problem: 'this changes what is deployed, and nobody can be asked here.',
      got: 'no --yes, and no terminal (or --json)',
      allowed: '--yes, or a terminal',
      fix: 'add --yes where you mean it',
    });
  }
  return terminal.confirm(question);
}
