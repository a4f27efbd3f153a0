/* One measurement of bench/images.ts, in a process of its own: the handler's functions and sharp by itself, in turns. Prints JSON. */
import { readFileSync } from 'fs';
import { performance } from 'perf_hooks';

const started = performance.now();
// eslint-disable-next-line import/order, import/no-extraneous-dependencies -- what is measured is how long it takes to load
import sharp from 'sharp';
import { ImageFormat } from '../src/uploads/image-format';
import { imageSettings } from '../src/uploads/image-uploads-settings';
import { makeImages } from '../src/uploads/processing/make-images';

const loadMilliseconds = performance.now() - started;
const [input, names, rounds] = process.argv.slice(2);

/** Milliseconds for one image, medians, and how the two compare. */
export interface ImagesMeasurement {
  readonly build: string;
  readonly ours: number;
  readonly plain: number;
  /** Speed of the handler's functions as a share of sharp's own: the median of the pairs. */
  readonly share: number;
  readonly peakMebibytes: number;
  readonly loadMilliseconds: number;
}

async function main(): Promise<void> {
  const file = readFileSync(input);
  const formats = names.split(',').map(name => ImageFormat[name as 'webp' | 'avif' | 'jpeg']());
  const settings = imageSettings({ formats });
  const ours = () => makeImages(file, settings);
  const plain = async () => {
    for (const { width, height } of settings.sizes) {
      for (const { name, quality } of settings.formats) {
        const options = name === 'avif' ? { quality, effort: 2 } : name === 'jpeg' ? { quality, progressive: true } : { quality };
        await sharp(file, { animated: name === 'webp' }).rotate().resize({ width, height, fit: 'inside', withoutEnlargement: true })[name](options).toBuffer();
      }
    }
  };
  // Compiles the WebAssembly to the end, and loads all code.
  if (Number(rounds) > 1) await ours().then(plain);
  const pairs: { ours: number; plain: number }[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    const first = await timed(round % 2 === 0 ? ours : plain);
    const second = Number(rounds) > 1 ? await timed(round % 2 === 0 ? plain : ours) : first;
    pairs.push(round % 2 === 0 ? { ours: first, plain: second } : { ours: second, plain: first });
  }
  const measurement: ImagesMeasurement = {
    build: 'emscripten' in sharp.versions ? 'wasm' : 'native',
    ours: median(pairs.map(pair => pair.ours)),
    plain: median(pairs.map(pair => pair.plain)),
    share: median(pairs.map(pair => pair.plain / pair.ours)),
    peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
    loadMilliseconds,
  };
  console.log(JSON.stringify(measurement));
  process.exit();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

void main();
