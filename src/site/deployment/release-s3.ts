/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import {
  CopyObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, ListObjectVersionsCommandOutput,
  ObjectIdentifier, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { CURRENT_RECORD, RELEASES_PREFIX, SITE_PREFIX } from './files';
import { AssetFile, FileHeaders, SiteStore, SourceGone, StoredText } from './release-store';

/** How to ask S3. */
export interface S3Options {
  /** The time until which rights may still be on their way. */
  readonly patientUntil: number;
  sleep(milliseconds: number): Promise<void>;
  print(line: object): void;
}

/** What nobody answers is asked again. */
export const LIMITS = { connectionTimeout: 3_000, socketTimeout: 60_000, requestTimeout: 60_000, throwOnRequestTimeout: true };

/**
 * A client that waits for rights. Each deployment gives the function the right to read its own files a moment before they are read, and a right
 * is not known everywhere at once: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export function createS3({ patientUntil, sleep, print }: S3Options): S3Client {
  // As many connections as files that go up at once, and some to read with. S3 asks to slow down by errors that are worth some tries.
  const client = new S3Client({ maxAttempts: 6, requestHandler: { ...LIMITS, httpsAgent: { maxSockets: 64 }, httpAgent: { maxSockets: 64 } } });
  client.middlewareStack.add((next, { commandName }) => async args => {
    for (;;) {
      try {
        return await next(args);
      } catch (error) {
        const what = `${commandName!.replace('Command', '')} ${(args.input as { Key?: string }).Key ?? ''}`.trim();
        if (statusOf(error) !== 403 || Date.now() >= patientUntil) throw named(error, what);
        print({ waiting: `for the right to ${what}` });
        await sleep(2_500);
      }
    }
  }, { step: 'initialize' });
  return client;
}

/** S3's own message may be no more than that access is denied. */
function named(error: unknown, what: string): unknown {
  return error instanceof Error ? Object.assign(error, { message: `${what}: ${error.message}` }) : error;
}

/** S3 takes that many names at once. */
const BATCH = 1000;

/** The bucket of a site. */
export class S3SiteStore implements SiteStore {
  constructor(private readonly client: S3Client, private readonly bucket: string) {}

  public async read(key: string): Promise<StoredText | undefined> {
    try {
      const { Body, ETag } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      return { text: await Body!.transformToString(), etag: ETag };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  public async write(key: string, text: string, condition?: { readonly over?: string }): Promise<string | undefined> {
    const only = condition && (condition.over ? { IfMatch: condition.over } : { IfNoneMatch: '*' });
    try {
      const { ETag } = await this.client.send(new PutObjectCommand({
        Bucket: this.bucket, Key: key, Body: text, ContentType: 'application/json', CacheControl: 'no-store', ...only,
      }));
      return ETag;
    } catch (error) {
      // 409 is an answer to two writes at the same moment, 404 to one over a text that was removed.
      if (!condition || ![404, 409, 412].includes(statusOf(error))) throw error;
      // A write whose answer was lost has been tried again, over itself.
      const there = await this.read(key);
      return there?.text === text ? there.etag : undefined;
    }
  }

  public async put(key: string, content: Buffer, headers: FileHeaders & { readonly sha256: string }): Promise<string | undefined> {
    const { VersionId } = await this.client.send(new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: content,
      ContentLength: content.length,
      ContentType: headers.contentType,
      CacheControl: headers.cacheControl,
      // S3 refuses what is not the file that was there at synth.
      ChecksumSHA256: Buffer.from(headers.sha256, 'hex').toString('base64'),
    }));
    return versionOf(VersionId);
  }

  public async restore(key: string, versionId: string, { contentType, cacheControl }: FileHeaders): Promise<string | undefined> {
    const { VersionId } = await this.client.send(new CopyObjectCommand({
      Bucket: this.bucket,
      Key: key,
      CopySource: `${this.bucket}/${key.split('/').map(encodeURIComponent).join('/')}?versionId=${encodeURIComponent(versionId)}`,
      MetadataDirective: 'REPLACE',
      // The copy would otherwise need a right to read tags, of which there are none.
      TaggingDirective: 'REPLACE',
      ContentType: contentType,
      CacheControl: cacheControl,
    }));
    return versionOf(VersionId);
  }

  public async hasVersion(key: string, versionId: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key, VersionId: versionId }));
      return true;
    } catch (error) {
      if ([400, 403, 404].includes(statusOf(error))) return false;
      throw error;
    }
  }

  public async remove(keys: string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += BATCH) await this.delete(keys.slice(start, start + BATCH).map(Key => ({ Key })));
  }

  public async removeEverything(): Promise<number> {
    const site = await this.removeBelow(SITE_PREFIX, () => true);
    // With this record, a deletion that broke off still knows whose the site is.
    const records = await this.removeBelow(RELEASES_PREFIX, key => key !== CURRENT_RECORD);
    return site + records + await this.removeBelow(RELEASES_PREFIX, () => true);
  }

  private async removeBelow(Prefix: string, goes: (key: string) => boolean): Promise<number> {
    let count = 0;
    for (let from: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; from;) {
      const page: ListObjectVersionsCommandOutput = await this.client.send(new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix, ...from }));
      const { Versions = [], DeleteMarkers = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
      const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key!, VersionId })).filter(({ Key }) => goes(Key));
      for (let start = 0; start < objects.length; start += BATCH) await this.delete(objects.slice(start, start + BATCH));
      count += objects.length;
      from = IsTruncated ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
    }
    return count;
  }

  private async delete(Objects: ObjectIdentifier[]): Promise<void> {
    const { Errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0) throw new Error(`S3 did not remove ${Errors.length} objects, such as ${Errors[0].Key}: ${Errors[0].Code} ${Errors[0].Message}`);
  }
}

/** An object in the bucket of CDK's assets. */
export class S3AssetFile implements AssetFile {
  constructor(private readonly client: S3Client, private readonly bucket: string, private readonly key: string) {}

  public async whole(): Promise<Buffer> {
    const { bytes } = await this.get();
    return bytes;
  }

  public async tail(length: number): Promise<{ readonly bytes: Buffer; readonly size: number }> {
    return this.get(`bytes=-${length}`);
  }

  public async part(start: number, end: number): Promise<Buffer> {
    const { bytes } = await this.get(`bytes=${start}-${end - 1}`);
    return bytes;
  }

  private async get(Range?: string): Promise<{ readonly bytes: Buffer; readonly size: number }> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { Body, ContentRange } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.key, Range }));
        const bytes = Buffer.from(await Body!.transformToByteArray());
        return { bytes, size: Number(ContentRange?.split('/')[1] ?? bytes.length) };
      } catch (error) {
        // The function must not list this bucket, so S3 forbids what is not there.
        if ([403, 404].includes(statusOf(error))) throw new SourceGone(`The asset ${this.key} is not in ${this.bucket} any more, or must not be read: ${error}`);
        // The SDK tries again what is not answered, not what breaks off in the middle.
        if (statusOf(error) > 0) throw error;
        if (attempt === 3) throw new Error(`GetObject ${this.key} broke off: ${error}`);
      }
    }
  }
}

function statusOf(error: unknown): number {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
}

/** Buckets whose versioning is suspended answer `null` by name. */
function versionOf(version: string | undefined): string | undefined {
  return version === 'null' ? undefined : version;
}
