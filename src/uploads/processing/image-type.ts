/** Types that the image library's build reads, and that browsers show. */
export const READABLE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'] as const;

/** Begin of the compatible brands in a file of ISO's media format. */
const BRANDS = 8;
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1'];

/**
 * What a file is, by its first bytes: neither by its name nor by what its uploader said. Undefined where it is nothing that is known here.
 *
 * @see https://mimesniff.spec.whatwg.org/#image-type-pattern-matching-algorithm
 */
export function imageTypeOf(file: Buffer): string | undefined {
  const text = file.toString('latin1', 0, 64);
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (/^GIF8[79]a/.test(text)) return 'image/gif';
  if (/^RIFF[^]{4}WEBP/.test(text)) return 'image/webp';
  if (/^[^]{4}ftyp/.test(text)) return typeOfBrands(file, text);
  if (/^(II\*\0|MM\0\*)/.test(text)) return 'image/tiff';
  if (text.startsWith('BM')) return 'image/bmp';
  if (text.startsWith('%PDF-')) return 'application/pdf';
  return /^\s*(<\?xml|<svg|<!--)/.test(text.replace(/^\xef\xbb\xbf/, '')) ? 'image/svg+xml' : undefined;
}

/** AVIF and HEIC are both HEIF; which one is said by any of the brands. */
function typeOfBrands(file: Buffer, text: string): string | undefined {
  const brands = text.slice(BRANDS, Math.min(file.readUInt32BE(0), text.length)).match(/[^]{4}/g) ?? [];
  if (brands.some(brand => brand === 'avif' || brand === 'avis')) return 'image/avif';
  return brands.some(brand => HEIC_BRANDS.includes(brand)) ? 'image/heic' : undefined;
}
