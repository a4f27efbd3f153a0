import sharp from 'sharp';
import { bomb, heic, moving, phonePhoto, photo, transparent, truncated } from './image-files';
import { AnimatedImages, ImageFit, ImageFormat, ImageUploadsProps } from '../../src/uploads';
import { imageSettings } from '../../src/uploads/image-uploads-settings';
import { imageTypeOf } from '../../src/uploads/processing/image-type';
import { makeImages } from '../../src/uploads/processing/make-images';

// Twelve megapixels on half a processor.
jest.setTimeout(60_000);

const ALL_FORMATS = [ImageFormat.webp(), ImageFormat.avif(), ImageFormat.jpeg()];
const ONE_SIZE = [{ name: 'small', width: 320 }];

function make(file: Buffer, props: ImageUploadsProps = {}) {
  return makeImages(file, imageSettings(props));
}

async function made(file: Buffer, props: ImageUploadsProps = {}) {
  const { images } = await make(file, { sizes: ONE_SIZE, ...props });
  return images[0].data;
}

/** The color of one pixel, with its transparency where there is any. */
async function pixel(file: Buffer, left: number, top: number, page = 0): Promise<number[]> {
  return [...await sharp(file, { page }).extract({ left, top, width: 1, height: 1 }).raw().toBuffer()];
}

describe("a phone's photo of twelve megapixels", () => {
  let upload: Buffer;
  beforeAll(async () => {
    upload = await phonePhoto();
  });

  test('becomes every size in every format, upright', async () => {
    const { source, images } = await make(upload, { formats: [ImageFormat.webp(), ImageFormat.jpeg()] });
    expect(source).toEqual({ type: 'image/jpeg', width: 3000, height: 4000, pictures: 1 });
    expect(images.map(({ size, format, width, height }) => `${size}.${format} ${width}x${height}`)).toEqual([
      'small.webp 240x320', 'small.jpeg 240x320', 'medium.webp 600x800', 'medium.jpeg 600x800', 'large.webp 1200x1600', 'large.jpeg 1200x1600',
    ]);
    for (const { data, format, width, height } of images) {
      expect(imageTypeOf(data)).toBe(`image/${format}`);
      expect(await sharp(data).metadata()).toMatchObject({ width, height });
    }
  });

  test('no longer says where it was taken, nor by what', async () => {
    expect((await sharp(upload).metadata()).exif!.includes('Phone')).toBe(true);
    const { images } = await make(upload, { sizes: ONE_SIZE, formats: ALL_FORMATS });
    for (const { data } of images) {
      const { exif, xmp, iptc, icc, orientation } = await sharp(data).metadata();
      expect([exif, xmp, iptc, icc, orientation]).toEqual([undefined, undefined, undefined, undefined, undefined]);
      expect(data.includes('Phone')).toBe(false);
    }
  });
});

test('an image is turned by a quarter where its EXIF data say so', async () => {
  const red = { input: { create: { width: 400, height: 100, channels: 3 as const, background: '#f00' } }, left: 0, top: 0 };
  const upload = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#00f' } }).composite([red]).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const image = await made(upload, { formats: [ImageFormat.jpeg()] });
  // What was on top is on the right.
  const [[red1, , blue1], [red2, , blue2]] = [await pixel(image, 200, 160), await pixel(image, 20, 160)];
  expect([red1 > 200, blue1 < 50, red2 < 50, blue2 > 200]).toEqual([true, true, true, true]);
});

test('transparency stays in WebP and AVIF, and becomes white in JPEG', async () => {
  const { images } = await make(await transparent(), { sizes: ONE_SIZE, formats: ALL_FORMATS });
  const right = Object.fromEntries(await Promise.all(images.map(async ({ format, data }) => [format, await pixel(data, 300, 160)])));
  expect([right.webp[3], right.avif[3]]).toEqual([0, 0]);
  expect(right.jpeg).toEqual([255, 255, 255]);
});

describe.each(['gif', 'webp'] as const)('an upload that moves, as %s', format => {
  test('goes on moving in WebP, and stands still in the others', async () => {
    const { source, images } = await make(await moving(format), { sizes: ONE_SIZE, formats: ALL_FORMATS });
    expect(source).toEqual({ type: `image/${format}`, width: 600, height: 300, pictures: 3 });
    expect(images.map(({ width, height }) => `${width}x${height}`)).toEqual(['320x160', '320x160', '320x160']);
    const [webp, ...others] = await Promise.all(images.map(({ data }) => sharp(data, { animated: true }).metadata()));
    expect(webp).toMatchObject({ pages: 3, delay: [100, 200, 300], loop: 0 });
    expect(others.map(({ pages = 1 }) => pages)).toEqual([1, 1]);
    expect((await pixel(images[0].data, 10, 10, 2))[2]).toBeGreaterThan(200);
  });

  test('stands still at its first picture where that is wished', async () => {
    const image = await made(await moving(format), { animated: AnimatedImages.FLATTEN });
    expect((await sharp(image, { animated: true }).metadata()).pages).toBeUndefined();
    expect((await pixel(image, 10, 10))[0]).toBeGreaterThan(200);
  });
});

test('AVIF is read', async () => {
  const { source } = await make(await (await photo(400, 300)).avif({ effort: 0 }).toBuffer());
  expect(source).toEqual({ type: 'image/avif', width: 400, height: 300, pictures: 1 });
});

test('a box may be filled, and nothing is enlarged', async () => {
  const upload = await (await photo(500, 300)).jpeg().toBuffer();
  const { images } = await make(upload, {
    sizes: [{ name: 'square', width: 100, fit: ImageFit.COVER }, { name: 'wide', width: 200, height: 50, fit: ImageFit.COVER }, { name: 'huge', width: 4000 }],
  });
  expect(images.map(({ width, height }) => `${width}x${height}`)).toEqual(['100x100', '200x50', '500x300']);
});

test('colors of a camera come out in sRGB', async () => {
  const upload = await (await photo(200, 200)).toColorspace('rgb16').withIccProfile('p3').png().toBuffer();
  expect((await sharp(upload).metadata()).icc).toBeDefined();
  const { space, icc, depth } = await sharp(await made(upload)).metadata();
  expect([space, icc, depth]).toEqual(['srgb', undefined, 'uchar']);
});

test('quality makes a difference', async () => {
  const upload = await (await photo(600, 400)).jpeg().toBuffer();
  const [low, high] = await Promise.all([30, 90].map(quality => made(upload, { formats: [ImageFormat.webp({ quality })] })));
  expect(low.length).toBeLessThan(high.length / 2);
});

describe('what is refused', () => {
  test.each<[string, () => Buffer | Promise<Buffer>, string, RegExp]>([
    ['an empty file', () => Buffer.alloc(0), 'empty', /empty/],
    ['a text named .jpg', () => Buffer.from('This is no image at all, whatever its name says.'), 'unknown-type', /no image/],
    ['a few bytes', () => Buffer.from([0xff, 0xd8]), 'unknown-type', /no image/],
    ['a photo of an iPhone', heic, 'type-not-accepted', /image\/heic/],
    ['a drawing with scripts', () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'type-not-accepted', /svg/],
    ['a document', () => Buffer.from('%PDF-1.7 '), 'type-not-accepted', /application\/pdf/],
    ['a TIFF', async () => (await photo(20, 20)).tiff().toBuffer(), 'type-not-accepted', /image\/tiff/],
    ['a JPEG that ends in the middle', async () => truncated(await phonePhoto(400, 300)), 'unreadable', /premature end/],
    ['a PNG that ends in the middle', async () => truncated(await transparent()), 'unreadable', /cannot be read/],
    ['a WebP that ends in the middle', async () => truncated(await (await photo(400, 300)).webp().toBuffer()), 'unreadable', /cannot be read/],
    ['an AVIF that ends in the middle', async () => truncated(await (await photo(400, 300)).avif({ effort: 0 }).toBuffer()), 'unreadable', /cannot be read/],
    ['the beginning of a PNG with nothing behind it', () => Buffer.from('\x89PNG\r\n\x1a\nnothing', 'latin1'), 'unreadable', /cannot be read/],
    ['a bomb of 100 million pixels', bomb, 'too-many-pixels', /10000 × 10000/],
  ])('%s', async (_, file, reason, message) => {
    await expect(make(await file())).rejects.toMatchObject({ name: 'Refusal', reason, message: expect.stringMatching(message) });
  });

  test('an animation whose pictures together have too many pixels, unless only its first is taken', async () => {
    const upload = await sharp(await moving('gif'), { animated: true }).resize(1200, 1000, { fit: 'fill' }).gif().toBuffer();
    await expect(make(upload, { maximumMegapixels: 3 })).rejects.toMatchObject({ reason: 'too-many-pixels', message: expect.stringContaining('3 times') });
    await expect(make(upload, { maximumMegapixels: 3, animated: AnimatedImages.FLATTEN })).resolves.toMatchObject({ source: { pictures: 1 } });
  });

  test('a type that is read but not wished for', async () => {
    await expect(make(await transparent(), { acceptedTypes: ['image/jpeg'] })).rejects.toMatchObject({ reason: 'type-not-accepted' });
  });
});

test('a GIF that ends in the middle keeps the pictures that are whole', async () => {
  const { source } = await make(truncated(await moving('gif')));
  expect(source.pictures).toBeLessThan(3);
});
