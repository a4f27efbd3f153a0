/** What a YAML document of ours is made of. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue | undefined };

// Without quotes only what no YAML parser, old or new, takes for anything but this string.
const PLAIN = /^[A-Za-z_/$][ -"$-9;-~]*$/;
const WORDS = /^(y|n|yes|no|true|false|on|off|null)$/i;
// What YAML reads as an end of a line, or does not read at all.
const UNREADABLE = /[^\P{C}\n\t]|[\u0085\u2028\u2029]/u;
// What would not come back from a block as it was, or could not be seen there.
const NO_BLOCK = /^\s|[ \t]$|\n\n$/;

/** The document as text: two spaces, block style, keys in the order given, undefined ones left out. */
export function toYaml(value: YamlValue): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: YamlValue): string[] {
  if (Array.isArray(value)) return value.flatMap(item => listItem(item));
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, item]) => item === undefined ? [] : mapping(key, item));
  return [scalar(value as string | number | boolean)];
}

function listItem(item: YamlValue): string[] {
  if (isBlock(item)) return block('-', item);
  const [first, ...rest] = lines(item);
  return [`- ${first}`, ...indented(rest)];
}

function mapping(key: string, value: YamlValue): string[] {
  if (isBlock(value)) return block(`${key}:`, value);
  if (typeof value !== 'object') return [`${key}: ${scalar(value)}`];
  const nested = lines(value);
  if (nested.length === 0) return [`${key}: ${Array.isArray(value) ? '[]' : '{}'}`];
  return [`${key}:`, ...indented(nested)];
}

/** Text of several lines that stays as it is. */
function isBlock(value: YamlValue): value is string {
  return typeof value === 'string' && value.trimEnd().includes('\n') && !UNREADABLE.test(value) && !NO_BLOCK.test(value) && !/[ \t]\n/.test(value);
}

function block(before: string, text: string): string[] {
  return text.endsWith('\n') ? [`${before} |`, ...indented(text.slice(0, -1).split('\n'))] : [`${before} |-`, ...indented(text.split('\n'))];
}

function indented(text: string[]): string[] {
  return text.map(line => line === '' ? '' : `  ${line}`);
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n') || UNREADABLE.test(value)) return doubleQuoted(value);
  return PLAIN.test(value) && !WORDS.test(value) && value.trim() === value ? value : `'${value.replace(/'/g, "''")}'`;
}

function doubleQuoted(value: string): string {
  const escaped = /[^\P{C}]|[\u0085\u2028\u2029]/gu;
  return JSON.stringify(value).replace(escaped, found => [...found].map(sign => `\\U${sign.codePointAt(0)!.toString(16).padStart(8, '0')}`).join(''));
}
