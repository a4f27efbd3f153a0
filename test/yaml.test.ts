import * as fc from 'fast-check';
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
  ['text of several lines in a list', ['npm ci', 'if true; then\n  echo "a: #b"\n\n\techo c\nfi\n', ['a\nb\n'], { run: 'a\nb\n', c: 'd' }]],
  ['how text of several lines ends', ['a\nb', 'a\nb\n', 'a\nb\n\n', 'a\n', '\n', { a: 'a\nb', b: 'a\nb\n', c: 'a\nb\n\n', d: 'a\n' }]],
  ['text of several lines that a block would change', [' a\nb\n', '\na\nb', '\ta\nb', 'a \nb', 'a\n \nb', 'a\nb ', 'a\r\nb\r', 'a\u0085\nb', 'a\u2028b\nc']],
  ['signs that nobody sees', ['\0', '\x1b[0m', '\r', '\u0085', '\u2028', '\ufeff', '\u200b', '\x7f', '\u{1f600}', '"\r"\\n']],
])('reads back as it was: %s', (_, value) => {
  expect(parse(toYaml(value))).toEqual(value);
  expect(parse(toYaml(value), { version: '1.1' })).toEqual(value);
});

test('text of several lines stays readable, and no line ends in a space', () => {
  expect(toYaml({ steps: [{ name: 'Build', run: 'npm ci\n\nnpm test\n' }] })).toBe('steps:\n  - name: Build\n    run: |\n      npm ci\n\n      npm test\n');
});

test('so it does in a list', () => {
  expect(toYaml({ commands: ['npm ci', 'if true; then\n  npm test\n\nfi\n', 'a\nb'] }))
    .toBe('commands:\n  - npm ci\n  - |\n    if true; then\n      npm test\n\n    fi\n  - |-\n    a\n    b\n');
});

test('any text comes back as it was, with any parser', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '\r', "'", '"', '\\', '#', ':', '-', '|', '$', '\u0085', '\u2028', '\ufeff', 'ü') });
  fc.assert(fc.property(text, value => {
    for (const document of [[value], { a: value }, [[value, value]], [{ a: value, b: 1 }]]) {
      expect(parse(toYaml(document))).toEqual(document);
      expect(parse(toYaml(document), { version: '1.1' })).toEqual(document);
    }
  }), { numRuns: 300 });
});

test('what is undefined is left out', () => {
  expect(toYaml({ a: undefined, b: 1 })).toBe('b: 1\n');
});
