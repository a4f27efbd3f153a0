// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the function
import { contentType } from 'mime-types';
import { ConfigFile, Manifest, ReleaseFile } from './files';
import { SiteArchive } from './release-archive';
import { RenderedConfig, releaseIdOf, renderConfig } from './release-config';
import { publish, ReleaseOutcome, ReleaseWorld, sweep, takeTurn } from './release-publish';
import { checkTime, leave, ListedRelease, listReleases, rollBack, serveAgain, SiteCommand } from './release-return';
import { Publisher, readRelease } from './release-state';
import { AssetFile, SourceGone } from './release-store';
import { AssetSupplier, VersionSupplier } from './release-suppliers';
import { CustomResourceAnswer, CustomResourceRequest } from '../../custom-resource-answer';

/** CloudFormation's request for a release. */
export interface SiteRequest extends CustomResourceRequest {
  readonly ResourceProperties: SiteRequestProperties;
}

/** Names of properties begin with a capital letter, as CloudFormation's do. */
export interface SiteRequestProperties {
  /** Hash of the files. */
  readonly ContentId: string;
  /** Object keys in the bucket of CDK's assets. */
  readonly ArchiveKey: string;
  readonly ManifestKey: string;
  readonly AssetBucket: string;
  readonly Configs?: { readonly Path: string; readonly GlobalName?: string; readonly Values?: { readonly [name: string]: string } }[];
  /** `true` or `false`. */
  readonly RemoveOnDelete: string;
}

/** What a release of CloudFormation's has around it. */
export interface RequestWorld extends ReleaseWorld {
  asset(bucket: string, key: string): AssetFile;
}

/** Does what CloudFormation asks for. */
export async function answerSiteRequest(request: SiteRequest, world: RequestWorld): Promise<CustomResourceAnswer> {
  // The same for good: CloudFormation deletes what had another one, which would be the files that were just published.
  const PhysicalResourceId = request.PhysicalResourceId ?? request.LogicalResourceId;
  try {
    if (request.RequestType === 'Delete') {
      await remove(request, world).catch(error => {
        // Files that stay keep no stack from going.
        if (removesAll(request)) throw error;
        world.print({ failed: String(error) });
      });
      return { Status: 'SUCCESS', PhysicalResourceId };
    }
    const { release, uploaded, unchanged, removed, invalidation, milliseconds } = await deploy(request, world);
    const Data = {
      ReleaseId: release,
      Uploaded: `${uploaded}`,
      Unchanged: `${unchanged}`,
      Removed: `${removed}`,
      Invalidation: invalidation,
      Milliseconds: `${milliseconds}`,
    };
    return { Status: 'SUCCESS', PhysicalResourceId, Data };
  } catch (error) {
    const Reason = error instanceof Error ? error.message : String(error);
    world.print({ failed: Reason });
    return { Status: 'FAILED', Reason: Reason.slice(0, 1000), PhysicalResourceId };
  }
}

/** Does what a person or the schedule asks for. */
export async function runSiteCommand(
  command: SiteCommand, world: ReleaseWorld,
): Promise<ReleaseOutcome | ListedRelease[] | { readonly removed: number }> {
  if (command.sweep) return sweep(world);
  if (command.releases) return listReleases(world);
  if (typeof command.rollBackTo === 'string') return rollBack(command.rollBackTo, world);
  throw new Error('This function takes a request of CloudFormation, { "releases": true } to list the releases, '
    + 'or { "rollBackTo": "previous" } or an id instead of "previous".');
}

async function deploy(request: SiteRequest, world: RequestWorld): Promise<ReleaseOutcome> {
  const { ContentId, ArchiveKey, ManifestKey, AssetBucket, Configs = [] } = request.ResourceProperties;
  const configs = Configs.map(config => renderConfig(configOf(config)));
  const id = releaseIdOf(ContentId, configs);
  const owner = ownerOf(request);
  const earlier = await readRelease(world.store, id);
  const check = () => checkTime(world);

  const files = await readManifest(world.asset(AssetBucket, ManifestKey), configs).catch(error => {
    if (earlier && error instanceof SourceGone) return undefined;
    throw error;
  });
  // CloudFormation goes back to a release whose assets somebody has cleaned up.
  if (!files) return serveAgain(earlier!, world, owner);

  const suppliers = [
    new AssetSupplier(world.store, () => SiteArchive.open(world.asset(AssetBucket, ArchiveKey)), configs, check),
    ...earlier ? [new VersionSupplier(world.store, earlier, check)] : [],
  ];
  return publish({ id, files, owner, suppliers }, world);
}

function configOf({ Path, GlobalName, Values = {} }: NonNullable<SiteRequestProperties['Configs']>[number]): ConfigFile {
  return { path: Path, globalName: GlobalName, values: Values };
}

async function readManifest(file: AssetFile, configs: RenderedConfig[]): Promise<ReleaseFile[]> {
  const manifest: Manifest = JSON.parse((await file.whole()).toString());
  const files = manifest.files.map(each => ({ ...each, contentType: contentTypeOf(each.path) }));
  return [...files, ...configs.map(({ content, ...config }) => config)];
}

/** Removes everything where the site goes for good. Where another resource publishes here too, the site is that one's. */
async function remove(request: SiteRequest, world: RequestWorld): Promise<void> {
  const { state: { publishers = [] } } = await takeTurn(world);
  const isOwn = ({ resource }: Publisher) => resource === ownerOf(request);
  const other = publishers.filter(publisher => !isOwn(publisher)).at(-1);
  const isLast = publishers.slice(-1).some(isOwn);
  if (isLast && !other && removesAll(request)) return world.print({ removed: await world.store.removeEverything() });

  if (other && isLast) await giveBack(other, world);
  await leave(ownerOf(request), world);
  world.print({ removed: 0, because: other ? `${other.resource} publishes here` : 'the files stay, or are not of this resource' });
}

function removesAll({ ResourceProperties: { RemoveOnDelete } }: SiteRequest): boolean {
  return RemoveOnDelete === 'true';
}

/** CloudFormation goes back from a resource that had taken over. What cannot be brought back must not hold it up. */
async function giveBack({ resource, release = '' }: Publisher, world: RequestWorld): Promise<void> {
  const record = await readRelease(world.store, release);
  if (record) await serveAgain(record, world, resource).catch(error => world.print({ failed: String(error) }));
}

function ownerOf({ StackId, LogicalResourceId }: SiteRequest): string {
  return `${StackId}/${LogicalResourceId}`;
}

/** Files that their readers look for under a name without an extension. */
const BY_NAME = new Map([['apple-app-site-association', 'application/json; charset=utf-8']]);

/** Content-Type of a file by its name, with the character set for text. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = /[^.]\.([^.]+)$/.exec(name)?.[1];
  const known = extension ? contentType(`.${extension.toLowerCase()}`) : false;
  return BY_NAME.get(name) ?? (known || 'application/octet-stream');
}
