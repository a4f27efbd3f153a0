/*
 * Branch patterns as GitHub reads them, with the two signs that are taken here: `*` is any text without a slash, `**` any text.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */

/** What a branch or a pattern may look like. */
export const BRANCH_PATTERN = /^(?![-/.])(?!.*(\/\/|\.\.|@\{|\*{3}|\/$|\.$|\.lock$))[A-Za-z0-9_./*#@-]+$/;

type Sign = { readonly text: string } | { readonly many: true; readonly slash: boolean };

/** Whether there is a branch that both patterns match. */
export function overlap(one: string, other: string): boolean {
  const [left, right] = [signs(one), signs(other)];
  const known = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    const key = i * (right.length + 1) + j;
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = judge(i, j);
    known.set(key, result);
    return result;
  };
  const judge = (i: number, j: number): boolean => {
    const [a, b] = [left[i], right[j]];
    if (!a && !b) return true;
    if (a && 'many' in a && meet(i + 1, j)) return true;
    if (b && 'many' in b && meet(i, j + 1)) return true;
    if (!a || !b) return false;
    // Of two stars, one of them takes a letter that the other takes too: the shorter way above has found that already.
    if ('many' in a && 'many' in b) return false;
    if ('many' in a) return takes(a, b) && meet(i, j + 1);
    if ('many' in b) return takes(b, a) && meet(i + 1, j);
    return a.text === b.text && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}

function signs(pattern: string): Sign[] {
  return (pattern.match(/\*\*|./g) ?? []).map(sign => sign.startsWith('*') ? { many: true, slash: sign === '**' } : { text: sign });
}

function takes(many: { readonly slash: boolean }, sign: Sign): boolean {
  return many.slash || !('text' in sign) || sign.text !== '/';
}
