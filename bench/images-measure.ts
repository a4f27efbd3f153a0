/* One measurement of bench/images.ts, in a process of its own: the handler's functions and sharp by itself, in turns. Prints JSON. */
import { readFileSync } from 'fs';
// eslint-disable-next-line import/no-extraneous-dependencies -- bundled where it is needed
import sharp from 'sharp';
import { ImageFormat } from '../src/uploads/image-format';
import { imageSettings } from '../src/uploads/image-uploads-settings';
import { makeImages } from '../src/uploads/processing/make-images';

const [input, names, rounds] = process.argv.slice(2);

/**
 * Milliseconds of the processor for one image, medians, and how the two compare. Not of the clock: Lambda gives the whole processor that it is paid for,
 * and this machine has others to serve.
 */
export interface ImagesMeasurement {
  readonly build: string;
  readonly ours: number;
  readonly plain: number;
  /** Speed of the handler's functions as a share of sharp's own: the median of the pairs. */
  readonly share: number;
  readonly peakMebibytes: number;
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
    // Of this program: what resourceUsage() tells begins with the memory of whoever started it.
    peakMebibytes: Math.round(Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+) kB/)![1]) / 1024),
  };
  console.log(JSON.stringify(measurement));
  process.exit();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

void main();
