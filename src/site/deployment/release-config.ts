import { createHash } from 'crypto';
import { ConfigFile, NEVER_KEPT, ReleaseFile } from './files';

/** A file of the run-time config as it is served. */
export interface RenderedConfig extends ReleaseFile {
  readonly content: Buffer;
}

/** Writes the values into their file. */
export function renderConfig({ path, globalName, values }: ConfigFile): RenderedConfig {
  const json = escaped(JSON.stringify(Object.fromEntries(Object.entries(values).sort(([one], [other]) => one < other ? -1 : 1))));
  // A copy of the values that nobody changes by mistake. Parsed, so that a value named __proto__ is one of them and nothing else.
  const text = globalName ? `window[${escaped(JSON.stringify(globalName))}]=Object.freeze(JSON.parse(${escaped(JSON.stringify(json))}));\n` : `${json}\n`;
  const content = Buffer.from(text);
  return {
    path,
    content,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    cacheControl: NEVER_KEPT,
    contentType: globalName ? 'text/javascript; charset=utf-8' : 'application/json; charset=utf-8',
  };
}

/** JSON that may also stand in a script, or be put into a page: nothing ends the script, and no letter ends a line. */
function escaped(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A release's id: its files, and its config where it has one. */
export function releaseIdOf(contentId: string, configs: RenderedConfig[]): string {
  if (configs.length === 0) return contentId;
  const hash = createHash('sha256');
  configs.forEach(({ path, sha256 }) => hash.update(`${path}\n${sha256}\n`));
  return `${contentId}-${hash.digest('hex').slice(0, 8)}`;
}
