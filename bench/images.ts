/*
 * Measures how many images a minute are made of 12-megapixel JPEGs: the functions of the handler beside sharp by itself, on the same build, in turns, in
 * one process on one processor, as Lambda gives at 1,769 MB; in its time, for this machine may have others to serve. Then each format with both builds, what is heavy on memory, and what the builds weigh.
 * Exits with 1 when a goal is missed.
 *
 *   npx projen bench:images [--rounds N]
 */
import { execFileSync } from 'child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { parseArgs } from 'util';
import { gzipSync } from 'zlib';
// eslint-disable-next-line import/no-extraneous-dependencies -- bundled where it is needed
import sharp from 'sharp';
import type { ImagesMeasurement } from './images-measure';
import { bundleImages } from '../projenrc/image-library';
import { phonePhoto, photo } from '../test/uploads/image-files';

const ROOT = join(__dirname, '..');
const GOALS = { imagesPerMinute: 20, share: 0.9, mebibytes: 1024 };
type Build = 'wasm' | 'native';

interface Row {
  readonly what: string;
  readonly value: string;
  readonly goal?: string;
  readonly met?: boolean;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
  const folder = mkdtempSync(join(tmpdir(), 'bench-images-'));
  try {
    await writeInputs(folder);
    await bundleImages(join(__dirname, 'images-measure.ts'), folder);
    const rows = [...speedRows(folder, Number(values.rounds)), ...formatRows(folder), ...memoryRows(folder), ...sizeRows(folder)];
    console.table(Object.fromEntries(rows.map(({ what, value, goal = '', met }) => [what, { value, goal, met: met ?? '' }])));
    process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeInputs(folder: string): Promise<void> {
  const write = async (name: string, image: sharp.Sharp) => writeFileSync(join(folder, name), await image.toBuffer());
  writeFileSync(join(folder, 'photo.jpg'), await phonePhoto());
  const large = await photo(8600, 5800);
  await write('progressive.jpg', large.clone().jpeg({ quality: 80, progressive: true, chromaSubsampling: '4:4:4' }));
  await write('interlaced.png', large.clone().ensureAlpha().png({ progressive: true, compressionLevel: 1 }));
  const picture = await (await photo(1000, 1000)).png().toBuffer();
  await write('moving.gif', sharp(Array.from({ length: 49 }, () => picture), { join: { animated: true } }).gif({ effort: 1 }));
}

/** On the first processor only. The native build runs from the sources, the other as it is bundled for Lambda. */
function measure(folder: string, build: Build, input: string, formats: string, rounds: number): ImagesMeasurement {
  const script = build === 'wasm' ? [join(folder, 'index.js')] : ['--require', 'tsx/cjs', join(__dirname, 'images-measure.ts')];
  const output = execFileSync('taskset', ['-c', '0', process.execPath, ...script, join(folder, input), formats, `${rounds}`], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.dev.json') },
  });
  const measurement: ImagesMeasurement = JSON.parse(output);
  if (measurement.build !== build) throw new Error(`${measurement.build} was measured in place of ${build}`);
  return measurement;
}

function speedRows(folder: string, rounds: number): Row[] {
  const { ours, plain, share, peakMebibytes } = measure(folder, 'wasm', 'photo.jpg', 'webp', rounds);
  return [
    { what: '12-megapixel JPEGs, three sizes of WebP', value: perMinute(ours), goal: `>= ${GOALS.imagesPerMinute}`, met: 60_000 / ours >= GOALS.imagesPerMinute },
    { what: '  by sharp itself, same build', value: perMinute(plain) },
    { what: '  share of its speed (median of pairs)', value: share.toFixed(3), goal: `>= ${GOALS.share}`, met: share >= GOALS.share },
    { what: '  peak memory of the process', value: `${peakMebibytes} MiB`, goal: `< ${GOALS.mebibytes} MiB`, met: peakMebibytes < GOALS.mebibytes },
  ];
}

function formatRows(folder: string): Row[] {
  return ['webp', 'jpeg', 'avif'].flatMap(format => (['wasm', 'native'] as const).map(build => ({
    what: `  three sizes of ${format}, ${build} build`, value: perMinute(measure(folder, build, 'photo.jpg', format, 1).ours),
  })));
}

function memoryRows(folder: string): Row[] {
  return ['progressive.jpg', 'interlaced.png', 'moving.gif'].map(input => {
    const { peakMebibytes, ours } = measure(folder, 'wasm', input, 'webp', 1);
    const size = (statSync(join(folder, input)).size / 2 ** 20).toFixed(0);
    return { what: `  50 megapixels: ${input} of ${size} MiB`, value: `${peakMebibytes} MiB, ${(ours / 1000).toFixed(1)} s`, goal: `< ${GOALS.mebibytes} MiB`, met: peakMebibytes < GOALS.mebibytes };
  });
}

function sizeRows(folder: string): Row[] {
  const weigh = (files: string[]) => {
    const contents = files.map(file => readFileSync(file));
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const total = (buffers: Buffer[]) => buffers.reduce((sum, { length }) => sum + length, 0);
    const [whole, packed] = [total(contents), total(contents.map(content => gzipSync(content)))];
    return `${megabytes(packed)} MB packed, ${megabytes(whole)} MB unpacked`;
  };
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/@img/sharp-wasm32/package.json'), 'utf8'));
  return [{ what: '  WebAssembly build', value: weigh(['js', 'wasm'].map(ending => join(folder, `sharp-wasm32-${version}.node.${ending}`))) }];
}

function perMinute(milliseconds: number): string {
  return `${(60_000 / milliseconds).toFixed(1)} a minute (${milliseconds.toFixed(0)} ms each)`;
}

void main();
