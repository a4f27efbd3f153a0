import { IMMUTABLE, isPage, isServiceWorker, REVALIDATED, SHORT } from './files';

/** What a team says about its own files. */
export interface CacheRules {
  readonly immutable: string[];
  readonly cacheControl: { readonly [pattern: string]: string };
}

/** Where builds put files whose names have a hash: Vite and others, Next.js, Astro, SvelteKit, Nuxt, Create React App. */
const BUILD_FOLDERS = /(^|\/)(assets|_next\/static|_astro|_app\/immutable|_nuxt|static\/(js|css|media))\//;

/** Cache-Control of a file: what the team says, else what its kind needs. */
export function cacheControlOf(path: string, rules: CacheRules): string {
  const said = Object.entries(rules.cacheControl).find(([pattern]) => matches(pattern, path));
  if (said) return said[1];
  if (rules.immutable.some(pattern => matches(pattern, path))) return IMMUTABLE;
  if (isPage(path) || isServiceWorker(path) || isWebManifest(path)) return REVALIDATED;
  return BUILD_FOLDERS.test(path) && hasHash(path.slice(path.lastIndexOf('/') + 1)) ? IMMUTABLE : SHORT;
}

function isWebManifest(path: string): boolean {
  return /\.webmanifest$|(^|\/)manifest\.json$/i.test(path);
}

/**
 * Whether a file's name has a part that only a build's hash looks like. In doubt it has none: a file that is taken for immutable by mistake
 * stays in browsers for a year, and one that is not is asked for again after minutes.
 */
export function hasHash(name: string): boolean {
  if (UUID.test(name)) return false;
  return name.split('.').slice(0, -1).some(part => candidates(part).some(isHash));
}

/** Names for things, not for their content. */
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** Rollup's hashes have eight letters of base64url, so a hyphen may be one of them. */
function candidates(part: string): string[] {
  const tail = part.slice(-8);
  return part.length === 8 || part.at(-9) === '-' ? [...part.split('-'), tail] : part.split('-');
}

function isHash(text: string): boolean {
  if (isWritten(text)) return false;
  return isHexadecimal(text) || text.length === 8 && (isBase32(text) || isBase64(text));
}

/** Words, also with a number behind or before them, sizes and dates. */
function isWritten(text: string): boolean {
  return /^[a-z]*(?:[A-Z][a-z]+){0,3}(?:-[A-Z]?[a-z]+)*\d{0,4}$/.test(text)
    || /^[A-Z]+\d{0,4}$/.test(text)
    || /^\d+[a-z]*$/i.test(text)
    || /^\d+x\d+$/.test(text)
    || /^[\d_-]+$/.test(text)
    || /^\d{1,4}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\d{1,4}$/i.test(text);
}

/** Webpack, Parcel, Next.js. */
function isHexadecimal(text: string): boolean {
  return /^[0-9a-f]{8,64}$/.test(text) && /\d/.test(text) && /[a-f]/.test(text);
}

/** esbuild. */
function isBase32(text: string): boolean {
  return /^[A-Z2-7]+$/.test(text) && /\d/.test(text);
}

/** Rollup, Vite. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text);
}

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
