import { readFileSync } from 'fs';
import { join } from 'path';
import { DesktopReleaseWorkflow } from '../../src';

test('the workflow that examples/aivp has committed is the one that the library writes', () => {
  const committed = readFileSync(join(__dirname, '../../examples/aivp/.github/workflows/desktop-release.yml'), 'utf8');
  expect(committed).toBe(new DesktopReleaseWorkflow({ channels: ['latest', 'beta'] }).toYaml());
});
