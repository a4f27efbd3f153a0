/*
 * What the construct and its function both know of a site's files. Nothing of CDK may be imported here: the function is bundled.
 */

/** Where a site's files are in its bucket: CloudFront's origin path, so that nothing else of the bucket can be asked for. */
export const SITE_PREFIX = 'site/';
/** Where the records of releases are. */
export const RELEASES_PREFIX = 'releases/';
/** What is served, and by whom. */
export const CURRENT_RECORD = `${RELEASES_PREFIX}current.json`;

/** One file of a folder, as the manifest has it. */
export interface ManifestFile {
  /** Path below the folder, with forward slashes. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** SHA-256 in hexadecimal digits. */
  readonly sha256: string;
  readonly cacheControl: string;
}

/** What a release consists of, besides its run-time config. */
export interface Manifest {
  readonly files: ManifestFile[];
}

/** A file with all that a viewer gets of it. */
export interface ReleaseFile extends ManifestFile {
  readonly contentType: string;
}

/** A file of a site's run-time config. Its values are known when it is deployed. */
export interface ConfigFile {
  readonly path: string;
  /** Name of the global that a script sets. A file without one is JSON. */
  readonly globalName?: string;
  readonly values: { readonly [name: string]: string };
}

/** Files of a year: their names change with their content. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Asked for each time; an unchanged one costs an answer without a body. */
export const REVALIDATED = 'public, max-age=0, must-revalidate';
/** Kept nowhere. */
export const NEVER_KEPT = 'no-store';
/** For what keeps its name when it changes: CloudFront is told, browsers cannot be, so five minutes is the longest that one is behind. */
export const SHORT = 'public, max-age=300';

/** Whether a file is a page. */
export function isPage(path: string): boolean {
  return /\.x?html?$/i.test(path);
}

/** Whether a file is a service worker, or the list of files that one fetches. */
export function isServiceWorker(path: string): boolean {
  return /(^|\/)(sw|service-?worker|ngsw-worker|firebase-messaging-sw)\.m?js$|(^|\/)ngsw\.json$/i.test(path);
}

/** The order in which a release goes up. */
export enum PublishingStep {
  /** New names that no page asks for yet. */
  HASHED_FILES,
  OTHER_FILES,
  RUNTIME_CONFIG,
  PAGES,
  /** The page that leads to all others. */
  FIRST_PAGE,
  /** A changed service worker fetches the pages as soon as a browser sees it, and keeps them. */
  SERVICE_WORKERS,
}

/** When a file goes up. `isNew` is one that was not there before: a page may ask for it, so it cannot be later than the pages. */
export function publishingStep({ path, cacheControl }: ManifestFile, isNew: boolean): PublishingStep {
  if (path === 'index.html') return PublishingStep.FIRST_PAGE;
  if (isPage(path)) return PublishingStep.PAGES;
  if (isServiceWorker(path) && !isNew) return PublishingStep.SERVICE_WORKERS;
  if (cacheControl === NEVER_KEPT) return PublishingStep.RUNTIME_CONFIG;
  return cacheControl === IMMUTABLE ? PublishingStep.HASHED_FILES : PublishingStep.OTHER_FILES;
}
