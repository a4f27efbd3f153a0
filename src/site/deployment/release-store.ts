/** What a viewer's browser is told of a file. */
export interface FileHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

/** A text with the tag by which a write can tell that nobody wrote in between. */
export interface StoredText {
  readonly text: string;
  readonly etag?: string;
}

/** The bucket. Keys are those of its objects. */
export interface SiteStore {
  read(key: string): Promise<StoredText | undefined>;
  /**
   * Writes a text: whatever is there, or only over the text with the tag `over` (none: only where no text is).
   *
   * @returns the new text's tag, or nothing where another one is there
   */
  write(key: string, text: string, condition?: { readonly over?: string }): Promise<string | undefined>;
  /** @returns the version, where the bucket keeps versions */
  put(key: string, content: Buffer, headers: FileHeaders & { readonly sha256: string }): Promise<string | undefined>;
  /** Makes an older version the newest. */
  restore(key: string, versionId: string, headers: FileHeaders): Promise<string | undefined>;
  hasVersion(key: string, versionId: string): Promise<boolean>;
  remove(keys: string[]): Promise<void>;
  /** Removes each version of each object of the site and of its records. */
  removeEverything(): Promise<number>;
}

/** A file of the deployment's assets that can be read in parts. */
export interface AssetFile {
  whole(): Promise<Buffer>;
  /** The last bytes, and the size of the whole. */
  tail(length: number): Promise<{ readonly bytes: Buffer; readonly size: number }>;
  /** From `start` up to and without `end`. */
  part(start: number, end: number): Promise<Buffer>;
}

/** What a release should be made of is not there any more. */
export class SourceGone extends Error {}
