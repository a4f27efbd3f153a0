import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { AssetHashType, FileSystem, SymlinkFollowMode, Token } from 'aws-cdk-lib';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { CacheRules, cacheControlOf } from './content-cache';
import { FolderFile, readFolder } from './content-folder';
import { Manifest } from './files';
import { PlatformError } from '../../errors';
import { display } from '../../validate';

/** What is published of a folder, read before any resource is made. */
export interface SiteContent {
  readonly directory: string;
  readonly manifest: Manifest;
  /** Hash of the files, whatever they are told to browsers. */
  readonly filesHash: string;
  /** Hash of the files with what browsers are told of them. */
  readonly contentId: string;
}

/** Reads a folder, and refuses what could not be published. */
export function readContent(where: Construct, directory: string, rules: CacheRules, configPaths: string[]): SiteContent {
  const files = readFolder(where, directory);
  checkIndex(where, directory, files);
  checkConfigPaths(where, files, configPaths);
  const manifest = { files: files.map(file => ({ ...file, cacheControl: cacheControlOf(file.path, rules) })) };
  return {
    directory: fs.realpathSync(directory),
    manifest,
    filesHash: hashOf(files.map(file => [file.path, file.sha256])),
    contentId: hashOf(manifest.files.map(file => [file.path, file.sha256, file.cacheControl])).slice(0, 12),
  };
}

function hashOf(rows: string[][]): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

function checkIndex(where: Construct, directory: string, files: FolderFile[]): void {
  if (files.some(file => file.path === 'index.html')) return;
  const elsewhere = files.find(file => file.path.endsWith('/index.html'));
  throw new PlatformError(where, {
    problem: 'directory has no index.html.',
    got: `directory ${display(directory)} with ${files.length} files, such as ${display((elsewhere ?? files[0]).path)}`,
    allowed: 'the folder that has index.html in it',
    fix: elsewhere ? `set directory to ${display(path.join(directory, path.dirname(elsewhere.path)))}` : 'build the site first, and give the folder that its build writes',
  });
}

function checkConfigPaths(where: Construct, files: FolderFile[], configPaths: string[]): void {
  const taken = configPaths.find(each => files.some(file => file.path === each));
  if (taken === undefined) return;
  throw new PlatformError(where, {
    problem: 'the folder already has a file where the run-time config goes.',
    got: `file ${display(taken)}, runtimeConfig with fileName ${display(taken)}`,
    allowed: 'a name that no file of the folder has',
    fix: 'keep the file for local development out of the build, or give runtimeConfig another fileName',
  });
}

/** The folder as a zip file, and the list of its files. */
export class SiteAssets extends Construct {
  public readonly archive: assets.Asset;
  public readonly manifest: assets.Asset;

  constructor(scope: Construct, id: string, content: SiteContent) {
    super(scope, id);
    this.archive = new assets.Asset(this, 'Files', {
      path: content.directory,
      followSymlinks: SymlinkFollowMode.ALWAYS,
      // All files were read and hashed once.
      assetHash: content.filesHash,
      assetHashType: AssetHashType.CUSTOM,
    });
    this.manifest = this.createManifest(content.manifest);
  }

  /** The bucket of the assets, which is CDK's. */
  public get bucketName(): string {
    return this.archive.s3BucketName;
  }

  private createManifest(manifest: Manifest): assets.Asset {
    const folder = FileSystem.mkdtemp('site-');
    const file = path.join(folder, 'manifest.json');
    const text = JSON.stringify(manifest);
    fs.writeFileSync(file, text);
    // CDK keeps the fingerprints of the last folders on disk: one of a temporary folder would push out, at each synth, one that is needed again.
    const assetHash = createHash('sha256').update(text).digest('hex');
    const asset = new assets.Asset(this, 'Manifest', { path: file, assetHash, assetHashType: AssetHashType.CUSTOM });
    // Without staging, the CLI takes the file from where it is.
    const isStaged = !Token.isUnresolved(asset.assetPath) && path.resolve(asset.assetPath) !== file;
    if (isStaged) fs.rmSync(folder, { recursive: true });
    return asset;
  }
}
