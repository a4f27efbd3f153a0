import { ReleaseFile, SITE_PREFIX } from './files';
import { SiteArchive } from './release-archive';
import { RenderedConfig } from './release-config';
import type { PublishedFile, ReleaseRecord } from './release-state';
import { SiteStore, SourceGone } from './release-store';

/** Puts files of a release into the bucket. */
export interface Supplier {
  /** Finds out whether it can, before anything is changed. */
  prepare(files: ReleaseFile[]): Promise<void>;
  deliver(files: ReleaseFile[]): Promise<PublishedFile[]>;
}

/** What is in memory at once: packed files, and unpacked ones with a connection each. */
const PACKED = { bytes: 16 * 1024 * 1024, requests: 4 };
const UNPACKED = { bytes: 32 * 1024 * 1024, connections: 48 };

/** Files of the deployment's zip file, and of its run-time config. */
export class AssetSupplier implements Supplier {
  private archive?: SiteArchive;
  private readonly packed = new Budget(PACKED.bytes, PACKED.requests);
  private readonly unpacked = new Budget(UNPACKED.bytes, UNPACKED.connections);
  private readonly configs: Map<string, RenderedConfig>;

  /**
   * @param check throws where there is no time left
   */
  constructor(
    private readonly store: SiteStore,
    private readonly open: () => Promise<SiteArchive>,
    configs: RenderedConfig[],
    private readonly check: () => void,
  ) {
    this.configs = new Map(configs.map(config => [config.path, config]));
  }

  public async prepare(files: ReleaseFile[]): Promise<void> {
    const paths = files.map(({ path }) => path).filter(path => !this.configs.has(path));
    if (paths.length === 0) return;
    this.archive = await this.open();
    this.archive.stretches(paths);
  }

  public async deliver(files: ReleaseFile[]): Promise<PublishedFile[]> {
    const configs = files.filter(({ path }) => this.configs.has(path));
    const packed = new Map(files.filter(({ path }) => !this.configs.has(path)).map(file => [file.path, file]));
    const written = await all(configs, file => this.put(file, async () => this.configs.get(file.path)!.content));
    const stretches = this.archive?.stretches(packed.keys()) ?? [];
    const unpacked = await all(stretches, stretch => this.packed.spend(stretch.end - stretch.start, async () => {
      this.check();
      return all(await this.archive!.fetch(stretch), ({ path, unpack }) => this.put(packed.get(path)!, unpack));
    }));
    return [...written, ...unpacked.flat()];
  }

  private async put(file: ReleaseFile, content: () => Promise<Buffer>): Promise<PublishedFile> {
    return this.unpacked.spend(file.size, async () => {
      this.check();
      return { ...file, versionId: await this.store.put(SITE_PREFIX + file.path, await content(), file) };
    });
  }
}

/** Files of an earlier release, which S3 still has as older versions. */
export class VersionSupplier implements Supplier {
  private readonly versions: Map<string, string | undefined>;
  private readonly budget = new Budget(Infinity, UNPACKED.connections, 0);

  constructor(private readonly store: SiteStore, private readonly release: ReleaseRecord, private readonly check: () => void) {
    this.versions = new Map(release.files.map(({ path, versionId }) => [path, versionId]));
  }

  public async prepare(files: ReleaseFile[]): Promise<void> {
    const gone = (await all(files, ({ path }) => this.budget.spend(0, async () => await this.has(path) ? [] : [path]))).flat();
    if (gone.length === 0) return;
    throw new SourceGone(`Nothing was changed: of release ${this.release.id}, ${gone.length} of ${this.release.files.length} files are not in the bucket `
      + `any more, such as ${gone[0]}. Replaced and removed files are kept for as long as the bucket keeps old versions of its objects. Deploy that state of the site again.`);
  }

  public async deliver(files: ReleaseFile[]): Promise<PublishedFile[]> {
    return all(files, file => this.budget.spend(0, async () => {
      this.check();
      return { ...file, versionId: await this.store.restore(SITE_PREFIX + file.path, this.versions.get(file.path)!, file) };
    }));
  }

  private async has(path: string): Promise<boolean> {
    const version = this.versions.get(path);
    return version !== undefined && this.store.hasVersion(SITE_PREFIX + path, version);
  }
}

/** Lets as much work at once as fits into a number of bytes and a number of connections, in the order of asking. */
export class Budget {
  private readonly waiting: { readonly share: number; readonly start: () => void }[] = [];

  private failure?: { readonly error: unknown };

  constructor(private bytes: number, private places: number, private readonly most = bytes) {}

  /** Does something when there is room for it. What is larger than everything has it for itself. */
  public async spend<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const share = Math.min(bytes, this.most);
    const turn = new Promise<void>(start => this.waiting.push({ share, start }));
    this.startNext();
    await turn;
    try {
      // What others began is broken off anyway.
      if (this.failure) throw this.failure.error;
      return await work();
    } catch (error) {
      this.failure = { error };
      throw error;
    } finally {
      this.places++;
      this.bytes += share;
      this.startNext();
    }
  }

  private startNext(): void {
    while (this.waiting.length > 0 && this.places > 0 && this.bytes >= this.waiting[0].share) {
      const { share, start } = this.waiting.shift()!;
      this.places--;
      this.bytes -= share;
      start();
    }
  }
}

/** Does all of it, and waits for all of it also where one fails: nothing may go on behind the back of who cleans up. */
export async function all<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = await Promise.allSettled(items.map(work));
  const failed = results.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map(result => (result as PromiseFulfilledResult<R>).value);
}
