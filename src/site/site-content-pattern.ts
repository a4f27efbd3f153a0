/**
 * Whether a path is one that a pattern means: `*` is anything within a folder, `**` anything, `?` one letter, `{a,b}` one of several.
 * A pattern without a slash means names in any folder.
 */
export function matches(pattern: string, path: string): boolean {
  const known = expressions.get(pattern) ?? compile(pattern);
  expressions.set(pattern, known);
  return known.test(path);
}

const expressions = new Map<string, RegExp>();

function compile(pattern: string): RegExp {
  const source = pattern.replace(/^\//, '').replace(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[\\^$.|+()[\]{}]/g, part => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length > 1 ? `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})` : `\\${part}`;
  });
  return new RegExp(`^${pattern.includes('/') ? '' : '(?:.*/)?'}${source}$`, 'u');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replace(/\*/g, '[^/]*');
}
