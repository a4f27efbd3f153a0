/**
 * Whether a behaviour's path pattern takes a path: `*` is any number of characters, `?` exactly one, letters are
 * compared as they are written, and a slash in front is optional.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
 */
export function takesPath(pattern: string, path: string): boolean {
  const expression = withSlash(pattern).split('').map(translate).join('');
  return new RegExp(`^${expression}$`, 's').test(normalized(path));
}

/** Paths are compared without dot segments; the origin gets them as they came. */
function normalized(path: string): string {
  return new URL(`http://viewer${path}`).pathname;
}

function withSlash(pattern: string): string {
  return /^[/*]/.test(pattern) ? pattern : `/${pattern}`;
}

function translate(character: string): string {
  switch (character) {
    case '*': return '.*';
    case '?': return '.';
    default: return character.replace(/[.+^${}()|[\]\\]/, '\\$&');
  }
}
