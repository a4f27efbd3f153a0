import { parse } from 'yaml';
import { toYaml, YamlValue } from '../src/yaml';

test.each<[string, YamlValue]>([
  ['words that YAML takes for something else', ['yes', 'No', 'on', 'null', '~', 'true', '1.0', '1e3', '0x1f', '2026-11-21', '.inf', '', ' ', '-', '?', '=']],
  ['signs that YAML knows', ['a: b', 'a #b', '#b', '*x', '&x', '!x', '[x]', '{x}', '%x', '@x', '`x', '> x', '| x', "it's", '"x"', 'a, b', 'x ', ' x', 'x:', 'ü', '\t']],
  ['expressions of GitHub', { a: '${{ vars.X }}', b: "${{ inputs.rollout || '100' }}", c: "github.event_name == 'push'", d: '!failure()' }],
  ['numbers and booleans', { a: 0, b: -1, c: 15, d: true, e: false }],
  ['nested lists and maps', { push: { tags: ['v*'] }, steps: [{ name: 'x', with: { a: 1 }, env: {} }, { run: 'y', none: [] }] }],
  ['text of several lines', { run: 'if true; then\n  echo "a: #b"\n\n  echo \'c\'\nfi\n' }],
  ['a list of lists', [['a', ['b']], ['c']]],
])('reads back as it was: %s', (_, value) => {
  expect(parse(toYaml(value))).toEqual(value);
  expect(parse(toYaml(value), { version: '1.1' })).toEqual(value);
});

test('text of several lines stays readable, and no line ends in a space', () => {
  expect(toYaml({ steps: [{ name: 'Build', run: 'npm ci\n\nnpm test\n' }] })).toBe('steps:\n  - name: Build\n    run: |\n      npm ci\n\n      npm test\n');
});

test('what is undefined is left out', () => {
  expect(toYaml({ a: undefined, b: 1 })).toBe('b: 1\n');
});
