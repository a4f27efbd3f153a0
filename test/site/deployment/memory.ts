import { createHash } from 'crypto';
import { deflateRawSync } from 'zlib';
import { ManifestFile, ReleaseFile, SITE_PREFIX } from '../../../src/site/deployment/files';
import { SiteArchive } from '../../../src/site/deployment/release-archive';
import type { Edge } from '../../../src/site/deployment/release-invalidation';
import type { ReleaseWorld } from '../../../src/site/deployment/release-publish';
import { AssetFile, FileHeaders, SiteStore, SourceGone, StoredText } from '../../../src/site/deployment/release-store';

interface StoredVersion extends FileHeaders {
  readonly content: Buffer;
  readonly id: string;
}

/** A versioned bucket in memory. */
export class MemoryStore implements SiteStore {
  /** Versions of each object, the newest last; a deleted one ends with nothing. */
  public readonly objects = new Map<string, (StoredVersion | undefined)[]>();
  public readonly calls: string[] = [];
  public versioned = true;
  private count = 0;
  /** Called after each change of a file. */
  public changed: () => void = () => undefined;
  /** Called before each change of a file, to fail or to wait. */
  public before: (key: string) => Promise<void> | void = () => undefined;
  public newest(key: string): StoredVersion | undefined {
    return this.objects.get(key)?.at(-1);
  }

  /** The files of the site, as texts. */
  public site(): { [path: string]: string } {
    const keys = [...this.objects.keys()].filter(key => key.startsWith(SITE_PREFIX) && this.newest(key)).sort();
    return Object.fromEntries(keys.map(key => [key.slice(SITE_PREFIX.length), this.newest(key)!.content.toString()]));
  }

  public async read(key: string): Promise<StoredText | undefined> {
    await Promise.resolve();
    const newest = this.newest(key);
    return newest && { text: newest.content.toString(), etag: newest.id };
  }

  public async write(key: string, text: string, condition?: { readonly over?: string }): Promise<string | undefined> {
    await Promise.resolve();
    if (condition && this.newest(key)?.id !== condition.over) return undefined;
    return this.add(key, Buffer.from(text), { contentType: 'application/json', cacheControl: 'no-store' });
  }

  public async put(key: string, content: Buffer, headers: FileHeaders & { readonly sha256: string }): Promise<string | undefined> {
    this.calls.push(`put ${key}`);
    await this.before(key);
    if (hash(content) !== headers.sha256) throw new Error(`BadDigest: ${key}`);
    const id = this.add(key, content, headers);
    this.changed();
    return this.versioned ? id : undefined;
  }

  public async restore(key: string, versionId: string, headers: FileHeaders): Promise<string | undefined> {
    this.calls.push(`restore ${key}`);
    await this.before(key);
    const version = this.objects.get(key)?.find(each => each?.id === versionId);
    if (!version) throw new Error(`NoSuchVersion: ${key}`);
    const id = this.add(key, version.content, headers);
    this.changed();
    return id;
  }

  public async hasVersion(key: string, versionId: string): Promise<boolean> {
    return this.objects.get(key)?.some(each => each?.id === versionId) ?? false;
  }

  public async remove(keys: string[]): Promise<void> {
    this.calls.push(...keys.map(key => `remove ${key}`));
    for (const key of keys) this.objects.get(key)?.push(undefined);
    this.changed();
  }

  public async removeEverything(): Promise<number> {
    const { size } = this.objects;
    this.objects.clear();
    return size;
  }

  private add(key: string, content: Buffer, { contentType, cacheControl }: FileHeaders): string {
    const id = `v${++this.count}`;
    const versions = this.objects.get(key) ?? [];
    this.objects.set(key, [...this.versioned ? versions : [], { content, contentType, cacheControl, id }]);
    return id;
  }
}

export function hash(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Files of a site by their path. */
export interface Texts {
  readonly [path: string]: string;
}

export function filesOf(texts: Texts, cacheControlOf: (path: string) => string): ReleaseFile[] {
  return Object.entries(texts).map(([path, text]) => ({
    path, size: Buffer.byteLength(text), sha256: hash(text), cacheControl: cacheControlOf(path), contentType: 'text/plain',
  }));
}

export function manifestOf(texts: Texts, cacheControlOf: (path: string) => string): { files: ManifestFile[] } {
  return { files: filesOf(texts, cacheControlOf).map(({ contentType, ...file }) => file) };
}

/** An asset in memory that knows what was asked of it. */
export class MemoryAsset implements AssetFile {
  public readonly ranges: [number, number][] = [];

  constructor(public bytes: Buffer | undefined) {}

  public async whole(): Promise<Buffer> {
    if (!this.bytes) throw new SourceGone('the asset is gone');
    return this.bytes;
  }

  public async tail(length: number): Promise<{ bytes: Buffer; size: number }> {
    const bytes = await this.whole();
    this.ranges.push([Math.max(0, bytes.length - length), bytes.length]);
    return { bytes: bytes.subarray(Math.max(0, bytes.length - length)), size: bytes.length };
  }

  public async part(first: number, after: number): Promise<Buffer> {
    this.ranges.push([first, after]);
    return (await this.whole()).subarray(first, after);
  }

  public open(): Promise<SiteArchive> {
    return SiteArchive.open(this);
  }
}

/** A zip file; `long` writes sizes and places as files of more than 4 GiB have them. */
export function zip(texts: { readonly [path: string]: string | Buffer }, { stored = false, long = false } = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(texts)) {
    const name = Buffer.from(path);
    const content = Buffer.from(text as string);
    const packed = stored ? content : deflateRawSync(content);
    const local = Buffer.concat([Buffer.alloc(30), name, Buffer.alloc(7), packed]);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(7, 28);
    const extra = long ? longExtra(content.length, packed.length, offset) : Buffer.alloc(0);
    const central = Buffer.concat([Buffer.alloc(46), name, extra]);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(stored ? 0 : 8, 10);
    central.writeUInt32LE(long ? 0xffffffff : packed.length, 20);
    central.writeUInt32LE(long ? 0xffffffff : content.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(long ? 0xffffffff : offset, 42);
    locals.push(local);
    centrals.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const longOne = long ? [longEnd(centrals.length, directory.length, offset)] : [];
  return Buffer.concat([...locals, directory, ...longOne, end(centrals.length, directory.length, offset, long)]);
}

function longExtra(...values: number[]): Buffer {
  // A block of another kind comes first.
  const extra = Buffer.alloc(6 + 4 + 24);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(2, 2);
  extra.writeUInt16LE(1, 6);
  extra.writeUInt16LE(24, 8);
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 10 + index * 8));
  return extra;
}

function longEnd(count: number, size: number, start: number): Buffer {
  const bytes = Buffer.alloc(56 + 20);
  bytes.writeUInt32LE(0x06064b50, 0);
  [count, size, start].forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), 32 + index * 8));
  bytes.writeUInt32LE(0x07064b50, 56);
  bytes.writeBigUInt64LE(BigInt(start + size), 64);
  return bytes;
}

function end(count: number, size: number, start: number, long: boolean): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(0x06054b50, 0);
  bytes.writeUInt16LE(long ? 0xffff : count, 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(long ? 0xffffffff : start, 16);
  return bytes;
}

export class MemoryEdge implements Edge {
  public readonly asked: string[][] = [];
  public failures = 0;
  public questions = 0;

  public async invalidate(paths: string[]): Promise<string> {
    if (this.failures-- > 0) throw new Error('TooManyInvalidationsInProgress');
    this.asked.push(paths);
    return `I${this.asked.length}`;
  }

  public async isDone(): Promise<boolean> {
    if (++this.questions === 1) throw new Error('Throttling');
    return this.questions > 2;
  }
}

export const DAY = 24 * 60 * 60 * 1000;

/** A world whose time stands still unless somebody sleeps. */
export class MemoryWorld implements ReleaseWorld {
  public readonly store = new MemoryStore();
  public edge: MemoryEdge | undefined = new MemoryEdge();
  public waitForInvalidation = false;
  public gracePeriod = 7 * DAY;
  public keptReleases = 10;
  public execution = 'execution';
  public patient = true;
  public time = Date.UTC(2026, 0, 1);
  public left = 900_000;
  public readonly lines: { [name: string]: unknown }[] = [];
  public whileAsleep: () => void = () => undefined;

  public now = () => this.time;
  public remaining = () => this.left;
  public print = (line: object) => void this.lines.push(line as { [name: string]: unknown });
  public sleep = async (milliseconds: number) => {
    this.time += milliseconds;
    this.left -= milliseconds;
    this.whileAsleep();
  };
}
