/* Real files, as cameras, browsers and those who mean ill would upload them. */
import sharp from 'sharp';

/** A photo-like picture: soft shapes with the noise of a sensor. */
export async function photo(width: number, height: number): Promise<sharp.Sharp> {
  const noise = (sigma: number, scale: number) => ({
    width: Math.ceil(width / scale), height: Math.ceil(height / scale), channels: 3 as const, background: '#888', noise: { type: 'gaussian' as const, mean: 128, sigma },
  });
  const shapes = await sharp({ create: noise(50, 8) }).png({ compressionLevel: 0 }).toBuffer();
  const grain = await sharp({ create: noise(6, 1) }).raw().toBuffer({ resolveWithObject: true });
  const soft = await sharp(shapes).resize(width, height, { kernel: 'cubic', fit: 'fill' }).composite([{ input: grain.data, raw: grain.info, blend: 'hard-light' }])
    .removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return sharp(soft.data, { raw: soft.info });
}

/** A phone's: held upright, so that it has to be turned by a quarter, with the place where it was taken. */
export async function phonePhoto(width = 4000, height = 3000): Promise<Buffer> {
  return (await photo(width, height)).jpeg({ quality: 88 }).withExif({
    IFD0: { Make: 'Phone', Orientation: '6' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1', GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 36/1' },
  }).withMetadata({ orientation: 6 }).toBuffer();
}

/** Red on the left, nothing on the right. */
export function transparent(): Promise<Buffer> {
  const red = { create: { width: 200, height: 400, channels: 4 as const, background: { r: 255, g: 0, b: 0, alpha: 1 } } };
  return sharp({ create: { width: 400, height: 400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([{ input: red, left: 0, top: 0 }]).png().toBuffer();
}

/** Three pictures: red, green, blue. */
export function moving(format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = ['#f00', '#0f0', '#00f'].map(background => ({ create: { width: 600, height: 300, channels: 3 as const, background } }));
  return Promise.all(frames.map(frame => sharp(frame).png().toBuffer()))
    .then(pictures => sharp(pictures, { join: { animated: true } })[format]({ delay: [100, 200, 300], loop: 0 }).toBuffer());
}

/** The beginning of a file that iPhones write; the rest is never looked at. */
export function heic(): Buffer {
  return Buffer.concat([Buffer.from('00000024', 'hex'), Buffer.from('ftypheic'), Buffer.alloc(4), Buffer.from('mif1MiHBheic'), Buffer.alloc(5000, 7)]);
}

/** A hundred kilobytes that unpack to 100 million pixels. */
export function bomb(): Promise<Buffer> {
  return sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: '#fff' } }).toColourspace('b-w').png().toBuffer();
}

/** A file that ends in the middle. */
export function truncated(file: Buffer): Buffer {
  return file.subarray(0, Math.floor(file.length / 2));
}
