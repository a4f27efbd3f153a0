/** What a YAML document of ours is made of. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue | undefined };

// Without quotes only what no YAML parser, old or new, takes for anything but this string.
const PLAIN = /^[A-Za-z_/$][ -"$-9;-~]*$/;
const WORDS = /^(y|n|yes|no|true|false|on|off|null)$/i;

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
  const [first, ...rest] = lines(item);
  return [`- ${first}`, ...indented(rest)];
}

function mapping(key: string, value: YamlValue): string[] {
  if (typeof value === 'string' && value.includes('\n')) return [`${key}: |`, ...indented(value.trimEnd().split('\n'))];
  if (typeof value !== 'object') return [`${key}: ${scalar(value)}`];
  const nested = lines(value);
  if (nested.length === 0) return [`${key}: ${Array.isArray(value) ? '[]' : '{}'}`];
  return [`${key}:`, ...indented(nested)];
}

function indented(text: string[]): string[] {
  return text.map(line => line === '' ? '' : `  ${line}`);
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN.test(value) && !WORDS.test(value) && value.trim() === value ? value : `'${value.replace(/'/g, "''")}'`;
}
