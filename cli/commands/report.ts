import { existsSync } from 'fs';
import { join } from 'path';
import { readStacks } from '../assembly';
import { Refusal } from '../outcome';
import { runProgram } from '../program';
import { findAssembly } from '../synthesize';
import type { Terminal } from '../terminal';

const WHERE = 'cdk-web-platform report';
const PROGRAM = join(__dirname, '..', 'report', 'write-report.js');

/** Has the report written beside an assembly. The program that writes it is not part of this file: most commands never draw. */
export async function report({ app }: { readonly app?: string }, terminal: Terminal): Promise<void> {
  const assembly = await findAssembly(app, WHERE, terminal);
  readStacks(assembly, WHERE);
  if (!existsSync(PROGRAM)) throw new Refusal(`This copy of the package has no ${PROGRAM}.`, 'install cdk-web-platform again');
  const args = [PROGRAM, assembly, ...terminal.json ? ['--json'] : []];
  const { code, output, tail } = await terminal.step('drawing and writing', () => runProgram(process.execPath, args));
  if (code !== 0) throw new Refusal(`The report was not written:\n${tail}`, 'mend what it says above, and try again');
  process.stdout.write(output);
}
