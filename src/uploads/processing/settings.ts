/** One of the sizes to make. */
export interface SizeSettings {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fit: 'inside' | 'cover';
}

/** One of the formats to make each size in. */
export interface FormatSettings {
  readonly name: 'webp' | 'avif' | 'jpeg';
  readonly quality: number;
}

/** What the construct tells the function about the images to make. */
export interface ImageSettings {
  readonly acceptedTypes: readonly string[];
  readonly maximumBytes: number;
  readonly maximumPixels: number;
  readonly sizes: readonly SizeSettings[];
  readonly formats: readonly FormatSettings[];
  /** Whether what moves goes on moving. */
  readonly animated: boolean;
}

/** Where uploads are, in the one bucket. */
export const UPLOADS_PREFIX = 'uploads/';
/** Where the images are, in the other bucket: all that the internet may see of it. */
export const IMAGES_PREFIX = 'images/';
/** Where that bucket says what became of an upload. */
export const RESULTS_PREFIX = 'results/';
