import { AnimatedImages, ImageFormat } from './image-format';
import { ImageFit, ImageSize } from './image-size';
import type { ImageUploadsProps } from './image-uploads-props';
import { READABLE_TYPES } from './processing/image-type';
import type { FormatSettings, ImageSettings } from './processing/settings';

const MEBIBYTE = 2 ** 20;
const DEFAULT_SIZES: ImageSize[] = [{ name: 'small', width: 320 }, { name: 'medium', width: 800 }, { name: 'large', width: 1600 }];

/** What the function is told of the images to make. */
export function imageSettings(props: ImageUploadsProps): ImageSettings {
  return {
    acceptedTypes: props.acceptedTypes ?? READABLE_TYPES,
    maximumBytes: (props.maximumMebibytes ?? 20) * MEBIBYTE,
    maximumPixels: (props.maximumMegapixels ?? 50) * 1_000_000,
    sizes: (props.sizes ?? DEFAULT_SIZES).map(({ name, width, height, fit }) => ({
      name, width, height: height ?? width, fit: fit === ImageFit.COVER ? 'cover' : 'inside',
    })),
    formats: (props.formats ?? [ImageFormat.webp()]).map(({ name, quality }) => ({ name: name as FormatSettings['name'], quality })),
    animated: props.animated !== AnimatedImages.FLATTEN,
  };
}
