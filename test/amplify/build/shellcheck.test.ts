import { execFileSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { parse } from 'yaml';
import { PLANS } from './plans';
import { BuildSpec, commandsOf } from './run';
import { pythonEnvironment } from '../../../integ/emulator/python';
import { buildSpec } from '../../../src/amplify/build/build-spec';

const folder = mkdtempSync(join(tmpdir(), 'shellcheck-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a command hands to a bash of its own, which shellcheck takes for a text. */
function inside(command: string): string[] {
  const [, text] = /^bash -euo pipefail -c '\n([^]*)\n'\n$/.exec(command) ?? [];
  return text === undefined ? [] : [`set -euo pipefail\n${text.replace(/'\\''/g, "'")}`];
}

test('shellcheck finds nothing in any script', async () => {
  const { bin } = await pythonEnvironment('shellcheck', join(__dirname, 'requirements.txt'));
  const check = (name: string, script: string) => {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/bash\n${script}\n`);
    return file;
  };
  const files = Object.values(PLANS).flatMap((plan, at) => {
    const spec = parse(buildSpec(plan)) as BuildSpec;
    const commands = commandsOf(spec.applications?.[0] ?? spec);
    return commands.flatMap((command, index) => [command, ...inside(command)].map((script, part) => check(`${at}-${index}-${part}.sh`, script)));
  });
  expect(files.filter(file => file.endsWith('-1.sh')).length).toBeGreaterThan(10);
  const shellcheck = (...checked: string[]) => execFileSync(join(bin, 'shellcheck'), checked, { encoding: 'utf8' });
  expect(shellcheck(...files)).toBe('');
  expect(() => shellcheck(check('wrong.sh', 'rm $x'))).toThrow('Command failed');
}, 180_000);
