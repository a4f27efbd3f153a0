import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { IConstruct } from 'constructs';
import { checkName, checkNames } from './content-names';
import { PlatformError } from '../../errors';
import { display } from '../../validate';

/** One file of a folder. */
export interface FolderFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** More would not fit beside each other into the memory of the function that uploads them. */
const LARGEST_FILE_MIB = 256;

/** All files of a folder by their path, read once. Nothing is written. */
export function readFolder(where: IConstruct, directory: string): FolderFile[] {
  const files = new FolderReader(where, checkFolder(where, directory)).files;
  if (files.length === 0) throw folderProblem(where, 'directory has no files.', directory);
  checkNames(where, files.map(file => file.path));
  return files.sort((one, other) => one.path < other.path ? -1 : 1);
}

function checkFolder(where: IConstruct, directory: string): string {
  const stats = fs.statSync(directory, { throwIfNoEntry: false });
  if (!stats) throw folderProblem(where, 'directory does not exist.', directory);
  if (!stats.isDirectory()) throw folderProblem(where, 'directory is not a folder.', directory);
  return fs.realpathSync(directory);
}

function folderProblem(where: IConstruct, problem: string, directory: string): PlatformError {
  return new PlatformError(where, {
    problem,
    got: `directory ${display(directory)}`,
    allowed: 'a folder with the files of a site, as its build leaves them',
    fix: `build the site first; the path is seen from ${process.cwd()}`,
  });
}

/** Walks a folder. Links within it are followed, as the zip file of the asset has them. */
class FolderReader {
  public readonly files: FolderFile[] = [];

  constructor(private readonly where: IConstruct, private readonly root: string) {
    this.walk(root, '', [root]);
  }

  private walk(folder: string, prefix: string, above: string[]): void {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const name = prefix + entry.name;
      checkName(this.where, name);
      const place = path.join(folder, entry.name);
      if (entry.isSymbolicLink()) this.follow(place, name, above);
      else this.take(place, name, entry, above);
    }
  }

  private follow(link: string, name: string, above: string[]): void {
    const target = realPathOf(link);
    const isWithin = target === this.root || target?.startsWith(this.root + path.sep);
    if (!target || !isWithin) throw this.problem('a symbolic link leaves the folder or leads nowhere.', `${display(name)} → ${display(target ?? fs.readlinkSync(link))}`);
    if (above.includes(target)) throw this.problem('a symbolic link leads to a folder above itself, which has no end.', `${display(name)} → ${display(target)}`);
    this.take(target, name, fs.statSync(target), above);
  }

  private take(place: string, name: string, kind: { isDirectory(): boolean; isFile(): boolean }, above: string[]): void {
    if (kind.isDirectory()) return this.walk(place, `${name}/`, [...above, fs.realpathSync(place)]);
    if (!kind.isFile()) throw this.problem('the folder has something that is no file.', display(name));
    const content = this.read(place, name);
    this.files.push({ path: name, size: content.length, sha256: createHash('sha256').update(content).digest('hex') });
  }

  private read(place: string, name: string): Buffer {
    const { size } = fs.statSync(place);
    if (size <= LARGEST_FILE_MIB * 1024 * 1024) return fs.readFileSync(place);
    throw new PlatformError(this.where, {
      problem: 'a file of the site is too large.',
      got: `${display(name)} of ${Math.ceil(size / 1024 / 1024)} MiB`,
      allowed: `files of up to ${LARGEST_FILE_MIB} MiB`,
      fix: 'keep long videos and downloads in a bucket of their own, and give the distribution a behaviour for it',
    });
  }

  private problem(problem: string, got: string): PlatformError {
    return new PlatformError(this.where, {
      problem, got, allowed: 'files and folders, and symbolic links between them', fix: 'copy what the link means into the folder, or remove it',
    });
  }
}

function realPathOf(link: string): string | undefined {
  try {
    return fs.realpathSync(link);
  } catch {
    return undefined;
  }
}
