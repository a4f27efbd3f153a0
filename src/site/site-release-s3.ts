/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import {
  CopyObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand, ObjectIdentifier,
  PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { RELEASES_PREFIX, SITE_PREFIX } from './site-files';
import { AssetFile, FileHeaders, SiteStore, SourceGone, StoredText } from './site-release-store';

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
      // Without the right to list the whole bucket, S3 forbids what is not there.
      if (isMissing(error) && !await this.isListed(key)) return undefined;
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
      if (condition && [404, 409, 412].includes(statusOf(error))) return undefined;
      throw error;
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
    let count = 0;
    // The records last: with them a deletion that broke off still knows whose the site is.
    for (const Prefix of [SITE_PREFIX, RELEASES_PREFIX]) {
      for (;;) {
        const { Versions = [], DeleteMarkers = [] } = await this.client.send(new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix }));
        const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key!, VersionId }));
        if (objects.length === 0) break;
        for (let start = 0; start < objects.length; start += BATCH) await this.delete(objects.slice(start, start + BATCH));
        count += objects.length;
      }
    }
    return count;
  }

  private async delete(Objects: ObjectIdentifier[]): Promise<void> {
    const { Errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0) throw new Error(`S3 did not remove ${Errors.length} objects, such as ${Errors[0].Key}: ${Errors[0].Code} ${Errors[0].Message}`);
  }

  private async isListed(key: string): Promise<boolean> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: key, MaxKeys: 1 }));
    return Contents.some(({ Key }) => Key === key);
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
    try {
      const { Body, ContentRange } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.key, Range }));
      const bytes = Buffer.from(await Body!.transformToByteArray());
      return { bytes, size: Number(ContentRange?.split('/')[1] ?? bytes.length) };
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new SourceGone(`The asset ${this.key} is not in ${this.bucket} any more, or must not be read: ${error}`);
    }
  }
}

function isMissing(error: unknown): boolean {
  return [403, 404].includes(statusOf(error));
}

function statusOf(error: unknown): number {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
}

/** Buckets whose versioning is suspended answer `null` by name. */
function versionOf(version: string | undefined): string | undefined {
  return version === 'null' ? undefined : version;
}
