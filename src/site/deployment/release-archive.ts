import { promisify } from 'util';
import { inflateRaw } from 'zlib';
import { AssetFile, SourceGone } from './release-store';

/*
 * Reads single files of a zip file without fetching all of it: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

const inflate = promisify(inflateRaw);

interface Entry {
  readonly name: string;
  readonly deflated: boolean;
  readonly packedSize: number;
  /** Of the file's own header, and of what follows the file. */
  readonly start: number;
  end: number;
}

/** Files that are fetched in one request. */
interface Stretch {
  readonly start: number;
  end: number;
  readonly entries: Entry[];
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
/** The list of some ten thousand files fits. */
const FIRST_TAIL = 1024 * 1024;
/** A request takes as long as this many bytes. */
const WORTH_A_REQUEST = 64 * 1024;
const LARGEST_STRETCH = 4 * 1024 * 1024;

/** A folder as a zip file in another bucket. */
export class SiteArchive {
  public static async open(file: AssetFile): Promise<SiteArchive> {
    const { bytes, size } = await file.tail(FIRST_TAIL);
    const tailStart = size - bytes.length;
    const { start, count, end } = directoryOf(bytes, tailStart);
    const directory = start >= tailStart ? bytes.subarray(start - tailStart) : await file.part(start, end);
    return new SiteArchive(file, entriesOf(directory, count, start));
  }

  private constructor(private readonly file: AssetFile, private readonly entries: Map<string, Entry>) {}

  /** The files grouped as they are fetched. */
  public stretches(paths: Iterable<string>): Stretch[] {
    const wanted = [...paths].map(path => this.entry(path)).sort((one, other) => one.start - other.start);
    const stretches: Stretch[] = [];
    for (const entry of wanted) {
      const last = stretches.at(-1);
      if (last && entry.start - last.end <= WORTH_A_REQUEST && entry.end - last.start <= LARGEST_STRETCH) {
        last.entries.push(entry);
        last.end = entry.end;
      } else {
        stretches.push({ start: entry.start, end: entry.end, entries: [entry] });
      }
    }
    return stretches;
  }

  /** The files of a stretch, as they were packed. */
  public async fetch({ start, end, entries }: Stretch): Promise<{ path: string; unpack: () => Promise<Buffer> }[]> {
    const bytes = await this.file.part(start, end);
    return entries.map(entry => ({ path: entry.name, unpack: () => unpack(bytes.subarray(entry.start - start), entry) }));
  }

  private entry(path: string): Entry {
    const entry = this.entries.get(path);
    if (entry) return entry;
    throw new SourceGone(`The zip file of the site has no ${path}.`);
  }
}

function directoryOf(tail: Buffer, tailStart: number): { start: number; end: number; count: number } {
  const at = tail.lastIndexOf(signature(END));
  if (at < 0) throw new Error('The asset of the site is no zip file.');
  const count = tail.readUInt16LE(at + 10);
  const size = tail.readUInt32LE(at + 12);
  const start = tail.readUInt32LE(at + 16);
  // What does not fit has a second, longer end.
  const locator = at - 20;
  if (locator < 0 || tail.readUInt32LE(locator) !== END_64_LOCATOR) return { start, end: start + size, count };
  const long = Number(tail.readBigUInt64LE(locator + 8)) - tailStart;
  if (!(long >= 0 && long < locator) || tail.readUInt32LE(long) !== END_64) throw new Error('The zip file of the site is damaged.');
  const [longCount, longSize, longStart] = [32, 40, 48].map(offset => Number(tail.readBigUInt64LE(long + offset)));
  return { start: longStart, end: longStart + longSize, count: longCount };
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function entriesOf(directory: Buffer, count: number, directoryStart: number): Map<string, Entry> {
  const entries: Entry[] = [];
  for (let index = 0, at = 0; index < count; index++) {
    if (directory.readUInt32LE(at) !== CENTRAL) throw new Error('The zip file of the site is damaged.');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map(offset => directory.readUInt16LE(at + offset));
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      deflated: directory.readUInt16LE(at + 10) === 8,
      ...placeOf(directory, at, extra),
      end: directoryStart,
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  entries.sort((one, other) => one.start - other.start);
  entries.forEach((entry, index) => entry.end = entries[index + 1]?.start ?? directoryStart);
  return new Map(entries.map(entry => [entry.name, entry]));
}

function placeOf(directory: Buffer, at: number, extra: Buffer): { packedSize: number; start: number } {
  const values = [24, 20, 42].map(offset => directory.readUInt32LE(at + offset));
  let long = extra;
  while (long.length >= 4 && long.readUInt16LE(0) !== 1) long = long.subarray(4 + long.readUInt16LE(2));
  let next = 4;
  // Only what did not fit is there, in this order: size, packed size, start.
  const [, packedSize, start] = values.map(value => {
    if (value !== 0xffffffff || long.length < next + 8) return value;
    next += 8;
    return Number(long.readBigUInt64LE(next - 8));
  });
  return { packedSize, start };
}

async function unpack(bytes: Buffer, { deflated, packedSize }: Entry): Promise<Buffer> {
  const start = 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
  const packed = bytes.subarray(start, start + packedSize);
  return deflated ? inflate(packed) : packed;
}
