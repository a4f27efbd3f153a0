/** How an image is brought into its box. */
export enum ImageFit {
  /** All of it is seen: it becomes as large as fits into the box. */
  INSIDE = 'INSIDE',
  /** All of the box is filled: what stands out is cut off, evenly on both sides. */
  COVER = 'COVER',
}

/** One of the sizes that are made of each upload. An image is never enlarged. */
export interface ImageSize {
  /** Name of the file, without its ending: lower-case letters, digits and `-`, up to 32. */
  readonly name: string;
  /** Width of the box in pixels, 1 to 4096. */
  readonly width: number;
  /**
   * Height of the box in pixels, 1 to 4096.
   * @default - the width
   */
  readonly height?: number;
  /**
   * How the image is brought into the box.
   * @default ImageFit.INSIDE
   */
  readonly fit?: ImageFit;
}
