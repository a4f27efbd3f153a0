import * as fc from 'fast-check';
import { BRANCH_PATTERN, overlap } from '../../src/delivery/branch-patterns';

test.each<[string, string, boolean]>([
  ['main', 'main', true],
  ['main', 'staging', false],
  ['main', 'ma*', true],
  ['*', 'main', true],
  ['*', 'release/1', false],
  ['**', 'release/1', true],
  ['release/*', 'release/**/hotfix', false],
  ['release/**', '**/hotfix', true],
  ['*-staging', 'production-*', true],
  ['a*b', 'b*a', false],
  ['', '*', true],
])('%s and %s: %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});

/** As GitHub reads a pattern. */
function matches(pattern: string, branch: string): boolean {
  return new RegExp(`^${pattern.replace(/\*\*|\*/g, stars => stars === '**' ? '.*' : '[^/]*')}$`).test(branch);
}

const pattern = fc.array(fc.constantFrom('a', 'b', '/', '*', '**'), { maxLength: 5 }).map(signs => signs.join('')).filter(text => !text.includes('***'));
/** Whatever two patterns of five signs have in common, they have in common within so many letters. */
const BRANCHES = ['', ...[1, 2, 3, 4, 5, 6].flatMap(length => texts(length))];

function texts(length: number): string[] {
  return length === 0 ? [''] : texts(length - 1).flatMap(text => ['a', 'b', '/'].map(sign => text + sign));
}

test('two patterns overlap where some branch matches both, and only there', () => {
  fc.assert(fc.property(pattern, pattern, (one, other) => {
    const common = BRANCHES.some(branch => matches(one, branch) && matches(other, branch));
    // Longer branches may be common too.
    expect(common ? overlap(one, other) : true).toBe(true);
    if (!overlap(one, other)) expect(common).toBe(false);
    if (overlap(one, other) && one.length + other.length <= 6) expect(common).toBe(true);
  }), { numRuns: 300 });
});

test.each(['main', 'release/*', '**', '*-staging', 'feature/**/x', 'v1.2', 'a@b'])('%s may be a pattern', text => expect(text).toMatch(BRANCH_PATTERN));
test.each(['', '!main', '-x', '/x', 'x/', 'a b', 'a?', 'a[b]', 'a+', '***', 'a//b', 'a..b', '${{ x }}', "a'b", 'a\nb'])('%j may not', text => expect(text).not.toMatch(BRANCH_PATTERN));
