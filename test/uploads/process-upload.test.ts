import { transparent } from './image-files';
import { imageSettings } from '../../src/uploads/image-uploads-settings';
import { processMessage, ProcessingWorld } from '../../src/uploads/processing/process-upload';

const BUCKET = 'uploads-bucket';
let file: Buffer;
beforeAll(async () => {
  file = await transparent();
});

function uploaded(key = 'uploads/a/photo', etag = 'etag-1', bucket = BUCKET): string {
  return JSON.stringify({ 'source': 'aws.s3', 'detail-type': 'Object Created', 'detail': { bucket: { name: bucket }, object: { key, etag, size: 1 } } });
}

function scanned(status: string): string {
  return JSON.stringify({
    source: 'aws.guardduty',
    detail: {
      s3ObjectDetails: { bucketName: BUCKET, objectKey: 'uploads/a/photo', eTag: 'etag-1', versionId: 'v1' },
      scanResultDetails: { scanResultStatus: status },
    },
  });
}

/** Buckets in memory, and what was asked of them. */
class World implements ProcessingWorld {
  public readonly uploadsBucket = BUCKET;
  public readonly written = new Map<string, string>();
  public readonly lines: object[] = [];
  public reads = 0;
  public upload: Buffer | 'too-large' | 'gone' | Error = file;

  constructor(public settings = imageSettings({})) {}

  public async readUpload() {
    this.reads++;
    if (this.upload instanceof Error) throw this.upload;
    return this.upload;
  }

  public async readResult(key: string) {
    return this.written.get(key);
  }

  public async writeImage(key: string, _image: Buffer, type: string) {
    this.written.set(key, type);
  }

  public async writeResult(key: string, result: string) {
    this.written.set(key, result);
  }

  public log(line: object) {
    this.lines.push(line);
  }

  public get result() {
    return JSON.parse(this.written.get('results/a/photo.json') ?? 'null');
  }
}

test('an upload becomes images under its name, and a result that tells of them', async () => {
  const world = new World();
  await processMessage(uploaded(), world);
  expect([...world.written.keys()]).toEqual(['images/a/photo/small.webp', 'images/a/photo/medium.webp', 'images/a/photo/large.webp', 'results/a/photo.json']);
  expect(world.written.get('images/a/photo/small.webp')).toBe('image/webp');
  expect(world.result).toMatchObject({
    status: 'ready',
    upload: { key: 'uploads/a/photo', etag: 'etag-1' },
    source: { type: 'image/png', width: 400, height: 400, pictures: 1 },
    images: [
      { key: 'images/a/photo/small.webp', size: 'small', format: 'webp', width: 320, height: 320, bytes: expect.any(Number) },
      { size: 'medium', width: 400 }, { size: 'large', width: 400 },
    ],
  });
});

test('a message that comes twice changes nothing', async () => {
  const world = new World();
  await processMessage(uploaded(), world);
  const before = new Map(world.written);
  await processMessage(uploaded(), world);
  expect(world.reads).toBe(1);
  expect(world.written).toEqual(before);
  expect(world.lines.at(-1)).toMatchObject({ outcome: 'done-before' });
});

test('a message that comes again for other sizes, or for what replaced the upload, makes images again', async () => {
  const world = new World();
  await processMessage(uploaded(), world);
  world.settings = imageSettings({ sizes: [{ name: 'tiny', width: 16 }] });
  await processMessage(uploaded(), world);
  expect(world.result.images).toMatchObject([{ size: 'tiny', width: 16 }]);
  await processMessage(uploaded(undefined, 'etag-2'), world);
  expect(world.reads).toBe(3);
  expect(world.result.upload.etag).toBe('etag-2');
});

test('a failure before the result leaves the message to be tried again, and then it is done', async () => {
  const world = new World();
  world.writeResult = async () => { throw new Error('S3 is slow'); };
  await expect(processMessage(uploaded(), world)).rejects.toThrow('S3 is slow');
  expect(world.result).toBeNull();
  world.writeResult = World.prototype.writeResult;
  await processMessage(uploaded(), world);
  expect(world.result.status).toBe('ready');
});

test('a failure to read is not taken for a bad image', async () => {
  const world = new World();
  world.upload = new Error('access denied');
  await expect(processMessage(uploaded(), world)).rejects.toThrow('access denied');
  expect(world.written.size).toBe(0);
});

test('an upload that is deleted or replaced meanwhile is left alone', async () => {
  const world = new World();
  world.upload = 'gone';
  await processMessage(uploaded(), world);
  expect(world.written.size).toBe(0);
  expect(world.lines).toEqual([{ outcome: 'gone', key: 'uploads/a/photo' }]);
});

test.each<[string, Buffer | 'too-large', string]>([
  ['no image', Buffer.from('text'), 'unknown-type'], ['too large', 'too-large', 'too-large'],
])('what is %s is refused once, and told', async (_, upload, reason) => {
  const world = new World();
  world.upload = upload;
  await processMessage(uploaded(), world);
  await processMessage(uploaded(), world);
  expect(world.reads).toBe(1);
  expect(world.result).toMatchObject({ status: 'refused', reason, message: expect.any(String) });
  expect([...world.written.keys()]).toEqual(['results/a/photo.json']);
  expect(world.lines[0]).toMatchObject({ outcome: 'refused', reason });
});

test.each([uploaded('elsewhere/photo'), uploaded('uploads/a/photo', 'etag-1', 'another-bucket')])('%s is not ours', async message => {
  const world = new World();
  await processMessage(message, world);
  expect([world.reads, world.written.size]).toEqual([0, 0]);
  expect(world.lines).toEqual([expect.objectContaining({ outcome: 'not-ours' })]);
});

describe('an upload that was scanned', () => {
  test('becomes images where nothing was found', async () => {
    const world = new World();
    await processMessage(scanned('NO_THREATS_FOUND'), world);
    expect(world.result.status).toBe('ready');
  });

  test.each([['THREATS_FOUND', 'malware'], ['UNSUPPORTED', 'not-scanned']])('is refused unread for %s', async (status, reason) => {
    const world = new World();
    await processMessage(scanned(status), world);
    expect(world.reads).toBe(0);
    expect(world.result).toMatchObject({ status: 'refused', reason });
  });

  test.each(['ACCESS_DENIED', 'FAILED'])('is tried again, and then put aside, for %s: a scan that failed is no fault of its', async status => {
    const world = new World();
    await expect(processMessage(scanned(status), world)).rejects.toThrow(status);
    expect(world.written.size).toBe(0);
  });
});

test.each(['no JSON', '{}', '{"source":"aws.ec2","detail":{}}', '{"source":"aws.s3","detail":{}}'])('a message that is none of ours fails: %s', async message => {
  await expect(processMessage(message, new World())).rejects.toThrow();
});
