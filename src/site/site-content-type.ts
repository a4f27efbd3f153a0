// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the function
import { contentType } from 'mime-types';

/** Files that their readers look for under a name without an extension. */
const BY_NAME = new Map([['apple-app-site-association', 'application/json; charset=utf-8']]);

/** Content-Type of a file by its name, with the character set for text. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = /[^.]\.([^.]+)$/.exec(name)?.[1];
  const known = extension ? contentType(`.${extension.toLowerCase()}`) : false;
  return BY_NAME.get(name) ?? (known || 'application/octet-stream');
}
