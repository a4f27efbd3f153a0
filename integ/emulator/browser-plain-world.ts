import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { lookup } from 'mime-types';
import { plainSite, PlainSiteName } from './browser-plain-site';
import { SiteWorld, SmallApi } from './browser-world';
import { EdgeServer } from './edge/edge-server';
import { Reference, Template } from './edge/template';
import { buildWebApp } from './edge/web-app';
import { Emulator } from './emulator';

const STAGING = { username: 'preview', password: 'not-yet-public' };
const BUCKETS = { Bucket: 'arcade-plain-production', StagingBucket: 'arcade-plain-staging' } as const;

/**
 * The suite's own measure: a distribution written by hand with CDK's constructs, and files uploaded one by one. What
 * fails here is wrong in the harness or in the suite, and not in the pattern.
 */
export class PlainWorld implements SiteWorld {
  /** @param templateOf which template serves a site */
  public static async start(emulator: Emulator, templateOf: (site: PlainSiteName) => Template = plainSite): Promise<PlainWorld> {
    const s3 = new S3Client({ ...emulator.clientSettings, forcePathStyle: true });
    for (const Bucket of Object.values(BUCKETS)) {
      await s3.send(new CreateBucketCommand({ Bucket }));
    }
    const api = await SmallApi.start();
    const serve = (name: PlainSiteName, bucket: string) => EdgeServer.start({
      template: templateOf(name),
      resolve: (reference) => answer(reference, bucket),
      origins: { 'api.example.com': api.url },
      s3Endpoint: emulator.environment.AWS_ENDPOINT_URL,
      keyValues: (key) => key === 'basic-auth' ? digestOf(STAGING) : undefined,
      authority: emulator.authority,
    });
    try {
      return new PlainWorld(emulator, s3, api, await serve('arcade', BUCKETS.Bucket), await serve('staging', BUCKETS.StagingBucket));
    } catch (error) {
      await api.stop();
      throw error;
    }
  }

  public readonly url = 'https://arcade.example.com';
  public readonly wwwUrl = 'https://www.arcade.example.com';
  public readonly staging;
  public readonly authority;
  public readonly apiRequests;

  private constructor(
    private readonly emulator: Emulator, private readonly s3: S3Client, private readonly api: SmallApi,
    public readonly server: EdgeServer, stagingServer: EdgeServer,
  ) {
    this.staging = { url: 'https://staging.arcade.example.com', server: stagingServer, ...STAGING };
    this.authority = emulator.authority;
    this.apiRequests = api.requests;
  }

  public async publish(label: string): Promise<void> {
    const directory = path.join(this.emulator.directory, 'web', label);
    await buildWebApp(label, directory);
    fs.writeFileSync(path.join(directory, 'config.js'), 'window.__CONFIG__ = {};');
    for (const bucket of Object.values(BUCKETS)) {
      await this.upload(directory, bucket);
    }
    this.server.invalidate(['/index.html', '/config.js']);
  }

  public async stop(): Promise<void> {
    await Promise.all([this.server.stop(), this.staging.server.stop(), this.api.stop()]);
  }

  /** Hashed files first, pages last, nothing removed. */
  private async upload(directory: string, Bucket: string): Promise<void> {
    const files = fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
      .map((file) => path.relative(directory, path.join(file.parentPath, file.name)));
    const isPage = (file: string) => file.endsWith('.html');
    for (const file of [...files.filter((one) => !isPage(one)), ...files.filter(isPage)]) {
      await this.s3.send(new PutObjectCommand({
        Bucket,
        Key: `site/${file}`,
        Body: fs.readFileSync(path.join(directory, file)),
        ContentType: lookup(file) || 'application/octet-stream',
        CacheControl: file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : file === 'config.js' ? 'no-store' : 'no-cache',
      }));
    }
  }
}

/** What the store holds of a username and a password. */
function digestOf({ username, password }: { readonly username: string; readonly password: string }): string {
  return createHash('sha256').update(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`).digest('hex');
}

function answer(reference: Reference, bucket: string): string {
  const attribute = (reference['Fn::GetAtt'] as string[] | undefined)?.at(-1);
  switch (attribute ?? reference.Ref) {
    case 'DomainName': return 'd111111abcdef8.cloudfront.net';
    case 'Arn': return `arn:aws:s3:::${bucket}`;
    case 'AWS::Partition': return 'aws';
    default: return `${reference.Ref}`.startsWith('Bucket') ? bucket : `${attribute ?? reference.Ref}`;
  }
}
