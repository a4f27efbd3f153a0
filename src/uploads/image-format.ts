import { checkInteger } from '../validate';

/** Options of an image format. */
export interface ImageFormatOptions {
  /**
   * Quality, 1 to 100: higher is larger. The scales of the formats are not the same.
   * @default - 80, and 50 for AVIF, which looks about the same
   */
  readonly quality?: number;
}

/** A format that images are made in. Metadata of the upload, such as where it was taken, are in none of them. */
export class ImageFormat {
  /** WebP: read by every browser since 2020, with transparency and animation. */
  public static webp(options: ImageFormatOptions = {}): ImageFormat {
    return new ImageFormat('webp', options?.quality ?? 80);
  }

  /** AVIF: smaller than WebP, and several times slower to make. Of an animation, its first picture. */
  public static avif(options: ImageFormatOptions = {}): ImageFormat {
    return new ImageFormat('avif', options?.quality ?? 50);
  }

  /** JPEG: for what reads nothing newer, such as e-mail. Transparency becomes white; of an animation, its first picture. */
  public static jpeg(options: ImageFormatOptions = {}): ImageFormat {
    return new ImageFormat('jpeg', options?.quality ?? 80);
  }

  private constructor(
    /** Its name, which is the ending of the files: `webp`, `avif` or `jpeg`. */
    public readonly name: string,
    /** Quality, 1 to 100. */
    public readonly quality: number,
  ) {
    checkInteger(`ImageFormat.${name}`, 'quality', quality, 1, 100);
  }
}

/** What becomes of uploads that move. */
export enum AnimatedImages {
  /** They move, in formats that can: WebP. */
  KEEP = 'KEEP',
  /** They stand still, at their first picture. */
  FLATTEN = 'FLATTEN',
}
