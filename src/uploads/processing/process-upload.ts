import { createHash } from 'crypto';
import { MadeImage, makeImages, Source } from './make-images';
import { Refusal, RefusalReason } from './refusal';
import { ImageSettings, IMAGES_PREFIX, RESULTS_PREFIX, UPLOADS_PREFIX } from './settings';
import { checkVerdict, readUpload, Upload } from './upload-event';

/** One of the images in a result. */
export interface ImageInResult {
  readonly key: string;
  readonly size: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** What became of an upload, as the app reads it. */
export interface Result {
  readonly status: 'ready' | 'refused';
  readonly upload: { readonly key: string; readonly etag: string };
  /** Of the settings that the images were made with. */
  readonly settings: string;
  readonly source?: Source;
  readonly images?: readonly ImageInResult[];
  readonly reason?: RefusalReason;
  readonly message?: string;
}

/** The world that an upload is processed in. */
export interface ProcessingWorld {
  readonly uploadsBucket: string;
  readonly settings: ImageSettings;
  /** The upload, where it still is what the message told of. A larger one than the limit is not read. */
  readUpload(key: string, etag: string, maximumBytes: number): Promise<Buffer | 'too-large' | 'gone'>;
  readResult(key: string): Promise<string | undefined>;
  writeImage(key: string, image: Buffer, type: string): Promise<void>;
  writeResult(key: string, result: string): Promise<void>;
  log(line: object): void;
}

/**
 * Makes the images of the upload that a message tells of. The result is written last, so that a message that comes twice, or again after a failure,
 * leaves what is there already or makes the same once more.
 */
export async function processMessage(message: string, world: ProcessingWorld): Promise<void> {
  const upload = readUpload(message);
  if (upload.bucket !== world.uploadsBucket || !upload.key.startsWith(UPLOADS_PREFIX)) return world.log({ outcome: 'not-ours', ...upload });
  const name = upload.key.slice(UPLOADS_PREFIX.length);
  const settings = fingerprint(world.settings);
  if (await isDone(name, upload, settings, world)) return world.log({ outcome: 'done-before', key: upload.key });

  const outcome = await resultOf(name, upload, world);
  if (outcome === 'gone') return world.log({ outcome, key: upload.key });
  const result: Result = { ...outcome, upload: { key: upload.key, etag: upload.etag }, settings };
  await world.writeResult(resultKey(name), JSON.stringify(result));
  world.log({ outcome: result.status, key: upload.key, reason: result.reason, message: result.message, images: result.images?.length });
}

type Outcome = Pick<Result, 'status' | 'source' | 'images' | 'reason' | 'message'>;

async function resultOf(name: string, upload: Upload, world: ProcessingWorld): Promise<Outcome | 'gone'> {
  try {
    checkVerdict(upload);
    const { maximumBytes } = world.settings;
    const file = await world.readUpload(upload.key, upload.etag, maximumBytes);
    if (file === 'gone') return file;
    if (file === 'too-large') throw new Refusal('too-large', `The file is larger than ${maximumBytes} bytes.`);
    const { source, images } = await makeImages(file, world.settings);
    return { status: 'ready', source, images: await Promise.all(images.map(image => store(name, image, world))) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: 'refused', reason: error.reason, message: error.message };
  }
}

async function store(name: string, { data, ...image }: MadeImage, world: ProcessingWorld): Promise<ImageInResult> {
  const key = `${IMAGES_PREFIX}${name}/${image.size}.${image.format}`;
  await world.writeImage(key, data, `image/${image.format}`);
  return { key, ...image, bytes: data.length };
}

async function isDone(name: string, { etag }: Upload, settings: string, world: ProcessingWorld): Promise<boolean> {
  const text = await world.readResult(resultKey(name));
  if (text === undefined) return false;
  const result: Result = JSON.parse(text);
  return result.upload.etag === etag && result.settings === settings;
}

function resultKey(name: string): string {
  return `${RESULTS_PREFIX}${name}.json`;
}

function fingerprint(settings: ImageSettings): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
}
