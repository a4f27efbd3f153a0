import { contentTypeOf } from './site-content-type';
import { ConfigFile, Manifest, ReleaseFile } from './site-files';
import { SiteArchive } from './site-release-archive';
import { RenderedConfig, releaseIdOf, renderConfig } from './site-release-config';
import { publish, ReleaseOutcome, ReleaseWorld, sweep } from './site-release-publish';
import { checkTime, ListedRelease, listReleases, rollBack, serveAgain, SiteCommand } from './site-release-return';
import { readJournal, readRelease } from './site-release-state';
import { AssetFile, SourceGone } from './site-release-store';
import { AssetSupplier, VersionSupplier } from './site-release-suppliers';
import { CustomResourceAnswer, CustomResourceRequest } from '../custom-resource-answer';

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
      await remove(request, world);
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

/** Removes everything where the site goes for good, and nothing where another resource has taken over. */
async function remove(request: SiteRequest, world: RequestWorld): Promise<void> {
  if (request.ResourceProperties.RemoveOnDelete !== 'true') return;
  const { state } = await readJournal(world.store);
  if (state.owner !== undefined && state.owner !== ownerOf(request)) {
    world.print({ removed: 0, because: `${state.owner} publishes here now` });
    return;
  }
  world.print({ removed: await world.store.removeEverything() });
}

function ownerOf({ StackId, LogicalResourceId }: SiteRequest): string {
  return `${StackId}/${LogicalResourceId}`;
}
