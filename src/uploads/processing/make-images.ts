/* eslint-disable import/no-extraneous-dependencies -- bundled */
import sharp from 'sharp';
import { imageTypeOf } from './image-type';
import { isBroken, Refusal } from './refusal';
import { FormatSettings, ImageSettings, SizeSettings } from './settings';

/** Decoders of the types that are read. All others, of dozens that the library has, stay shut: what cannot run cannot be attacked. */
const DECODERS = ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif', 'VipsForeignLoadHeif'];
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: DECODERS });
// One upload is worked on at a time, and never again: there is nothing to keep.
sharp.cache(false);
sharp.concurrency(1);

/** Of the library's default, 4: a sixth of the time, for images that are 17 % larger (measured on a photo of twelve megapixels). */
const AVIF_EFFORT = 2;

/** What an upload was. */
export interface Source {
  readonly type: string;
  /** As it is seen: after turning it as its EXIF data say. */
  readonly width: number;
  readonly height: number;
  /** Number of pictures; 1 where it stands still. */
  readonly pictures: number;
}

/** An image that was made. */
export interface MadeImage {
  readonly size: string;
  readonly format: FormatSettings['name'];
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/**
 * Makes every size in every format: turned as its EXIF data say, in sRGB, without any metadata.
 *
 * @throws Refusal for a file that is not what is accepted, or that cannot be read to its end
 */
export async function makeImages(file: Buffer, settings: ImageSettings): Promise<{ source: Source; images: MadeImage[] }> {
  const type = checkType(file, settings);
  try {
    const source = await readSource(file, type, settings);
    const images: MadeImage[] = [];
    for (const size of settings.sizes) {
      for (const format of settings.formats) images.push(await makeImage(file, source, size, format, settings));
    }
    return { source, images };
  } catch (error) {
    throw asRefusal(error);
  }
}

function checkType(file: Buffer, { acceptedTypes }: ImageSettings): string {
  if (file.length === 0) throw new Refusal('empty', 'The file is empty.');
  const type = imageTypeOf(file);
  if (type === undefined) throw new Refusal('unknown-type', 'The file is no image, or of a type that nothing is known of.');
  if (!acceptedTypes.includes(type)) throw new Refusal('type-not-accepted', `The file is ${type}; accepted are ${acceptedTypes.join(', ')}.`);
  return type;
}

/** Reads the header only, so that a small file that unpacks to a huge image costs nothing. */
async function readSource(file: Buffer, type: string, { maximumPixels, animated }: ImageSettings): Promise<Source> {
  const { autoOrient: { width, height }, pages = 1 } = await sharp(file, { limitInputPixels: false }).metadata();
  const pictures = animated && type !== 'image/avif' ? pages : 1;
  // A file of which only the first picture is taken may have more, but they are not unpacked.
  if (width * height * pictures > maximumPixels) {
    const times = pictures > 1 ? `, ${pictures} times` : '';
    throw new Refusal('too-many-pixels', `The image has ${width} × ${height} pixels${times}; at most ${maximumPixels} are accepted.`);
  }
  return { type, width, height, pictures };
}

async function makeImage(
  file: Buffer, { pictures }: Source, size: SizeSettings, format: FormatSettings, { maximumPixels }: ImageSettings,
): Promise<MadeImage> {
  const moves = pictures > 1 && format.name === 'webp';
  // Warnings are left aside: many cameras write files that a strict reader has something to say about.
  const image = sharp(file, { animated: moves, failOn: 'error', limitInputPixels: maximumPixels, autoOrient: true })
    .resize({ width: size.width, height: size.height, fit: size.fit, withoutEnlargement: true });
  const { data, info } = await encode(image, format).toBuffer({ resolveWithObject: true });
  return { size: size.name, format: format.name, width: info.width, height: info.pageHeight ?? info.height, data };
}

function encode(image: sharp.Sharp, { name, quality }: FormatSettings): sharp.Sharp {
  if (name === 'webp') return image.webp({ quality });
  if (name === 'avif') return image.avif({ quality, effort: AVIF_EFFORT });
  return image.flatten({ background: 'white' }).jpeg({ quality, progressive: true });
}

/** What the library says of a file. An error of another kind is the function's own, and may be another one at the next try. */
function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal || isBroken(error) || !(error instanceof Error) || /out of memory/i.test(error.message)) return error;
  return new Refusal('unreadable', `The image cannot be read: ${error.message.split('\n')[0]}`);
}
