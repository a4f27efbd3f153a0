/** What a function asks of CloudFront. */
export interface Edge {
  /** @returns the id of the invalidation */
  invalidate(paths: string[], reference: string): Promise<string>;
  isDone(invalidation: string): Promise<boolean>;
}

/** What came of it. A failure is none of the release: pages are asked for anew each time, and all else is kept for minutes only. */
export interface InvalidationOutcome {
  readonly id?: string;
  /** To be tried again with the next change, or within a day. */
  readonly failed?: string[];
}

interface InvalidationWorld {
  readonly edge?: Edge;
  readonly waitForInvalidation: boolean;
  readonly execution: string;
  print(line: object): void;
  sleep(milliseconds: number): Promise<void>;
  remaining(): number;
}

/** A thousand paths a month are free, and a wildcard counts as one: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html */
const MOST_PATHS = 100;
/** 15 may be under way at once: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MOST_WILDCARDS = 10;
export const EVERYTHING = '/*';

/**
 * The addresses under which CloudFront may have kept files. A function of the distribution may have turned `/about` into `/about/index.html`,
 * and where that is so CloudFront's page advises to name both.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
 */
export function invalidationPaths(files: string[]): string[] {
  const paths = [...new Set(files.flatMap(addressesOf).map(inAddress))];
  const wildcards = paths.filter(path => path.endsWith('*'));
  const isCheaper = paths.length > MOST_PATHS || wildcards.length > MOST_WILDCARDS || paths.includes(EVERYTHING);
  return isCheaper ? [EVERYTHING] : paths;
}

function addressesOf(file: string): string[] {
  const [, folder, name = ''] = /^(.*\/)?([^/]*)$/.exec(`/${file}`) ?? [];
  if (name === 'index.html') return [`/${file}`, folder, ...folder === '/' ? [] : [folder.slice(0, -1)]];
  return name.endsWith('.html') ? [`/${file}`, `/${file.slice(0, -'.html'.length)}`] : [`/${file}`];
}

/**
 * Letters that RFC 1738 calls unsafe are encoded and no others, as CloudFront asks. Where its page and its answers leave a doubt about a letter,
 * everything that begins as the path does is named.
 */
function inAddress(path: string): string {
  const doubtful = path.search(/[~@*?]/);
  const certain = doubtful < 0 ? path : path.slice(0, doubtful);
  return certain.replace(/[^A-Za-z0-9/$\-_.+!'(),;:=&]/gu, encodeURIComponent) + (doubtful < 0 ? '' : '*');
}

/** Makes CloudFront forget files. It never fails. */
export async function invalidate(paths: string[], world: InvalidationWorld): Promise<InvalidationOutcome> {
  if (!world.edge || paths.length === 0) return {};
  for (let attempt = 1; ; attempt++) {
    try {
      const id = await world.edge.invalidate(paths, `${world.execution}-${paths.length}`);
      world.print({ invalidation: id, paths: paths.length, first: paths.slice(0, 5) });
      if (world.waitForInvalidation) await waitFor(id, world.edge, world);
      return { id };
    } catch (error) {
      world.print({ invalidation: 'failed', attempt, because: String(error) });
      if (attempt === 3 || world.remaining() < 60_000) return { failed: paths };
      await world.sleep(attempt * 2_000);
    }
  }
}

async function waitFor(id: string, edge: Edge, world: InvalidationWorld): Promise<void> {
  while (world.remaining() > 60_000) {
    // A question that fails says nothing about the invalidation.
    if (await edge.isDone(id).catch(() => false)) {
      world.print({ invalidation: id, done: true });
      return;
    }
    await world.sleep(5_000);
  }
  world.print({ invalidation: id, done: false, because: 'the time of the function is over' });
}
