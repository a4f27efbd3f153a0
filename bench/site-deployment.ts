/*
 * Measures SiteDeployment's function beside that of CDK's BucketDeployment: 5,000 files of 100 MB in total, published for the first time, and then
 * with 1 % of them changed. Both functions are the ones that are deployed, as processes of their own, against the S3 of the emulator.
 * Exits with 1 when the goal is missed: at most half of the time when 1 % changed.
 *
 *   npx tsx --tsconfig tsconfig.dev.json bench/site-deployment.ts [--pairs N] [--files N]
 */
import { randomBytes, randomUUID } from 'crypto';
import * as fs from 'fs';
import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import * as path from 'path';
import { parseArgs } from 'util';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Stack } from 'aws-cdk-lib';
import { Emulator } from '../integ/emulator/emulator';
import { run } from '../integ/emulator/process';
import { pythonEnvironment, PythonEnvironment, REPOSITORY } from '../integ/emulator/python';
import { readContent } from '../src/site/deployment/content';

const GOAL = 0.5;
const CLI = '/opt/awscli/aws';
const THEIR_HANDLER = path.join(REPOSITORY, 'node_modules/aws-cdk-lib/custom-resource-handlers/dist/aws-s3-deployment/bucket-deployment-handler');
const OUR_HANDLER = path.join(REPOSITORY, 'assets/site/site-deployment.lambda/index.js');
const TOTAL_BYTES = 100_000_000;

interface Run {
  readonly milliseconds: number;
  readonly peakMebibytes: number;
}

/** A folder as both sides get it: packed, and listed. */
interface Packed {
  readonly id: string;
}

class Bench {
  private readonly s3: S3Client;
  private readonly directory: string;
  private answers: { Status: string; Reason?: string }[] = [];

  constructor(private readonly emulator: Emulator, private readonly python: PythonEnvironment, private readonly receiver: Server) {
    this.s3 = new S3Client({ ...emulator.clientSettings, forcePathStyle: true });
    this.directory = path.join(emulator.directory, 'bench-site');
    receiver.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        this.answers.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.end();
      });
    });
  }

  public async prepare(files: number): Promise<[Packed, Packed]> {
    await this.s3.send(new CreateBucketCommand({ Bucket: 'bench-assets' }));
    this.writeFiles(files, 1);
    const first = await this.pack('first');
    this.writeFiles(files, 100);
    return [first, await this.pack('second')];
  }

  public async bucket(): Promise<string> {
    const Bucket = `bench-${randomUUID()}`;
    await this.s3.send(new CreateBucketCommand({ Bucket }));
    await this.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    return Bucket;
  }

  public ours(bucket: string, { id }: Packed, type: 'Create' | 'Update'): Promise<Run> {
    const properties = { ContentId: id, AssetBucket: 'bench-assets', ArchiveKey: `${id}.zip`, ManifestKey: `${id}.json`, RemoveOnDelete: 'false' };
    const environment = { BUCKET: bucket, GRACE_PERIOD_SECONDS: '604800', KEPT_RELEASES: '10', WAIT_FOR_INVALIDATION: 'false' };
    return this.measure([process.execPath, path.join(__dirname, 'site-deployment-ours.cjs'), OUR_HANDLER], this.event(type, properties), environment);
  }

  public theirs(bucket: string, { id }: Packed, type: 'Create' | 'Update'): Promise<Run> {
    const properties = { SourceBucketNames: ['bench-assets'], SourceObjectKeys: [`${id}.zip`], DestinationBucketName: bucket, Prune: 'true' };
    return this.measure([this.python.python, path.join(__dirname, 'site-deployment-theirs.py'), THEIR_HANDLER], this.event(type, properties), {});
  }

  /** Every `stride`-th file is another one. */
  private writeFiles(files: number, stride: number): void {
    fs.mkdirSync(path.join(this.directory, 'assets'), { recursive: true });
    fs.writeFileSync(path.join(this.directory, 'index.html'), randomBytes(1000).toString('hex'));
    const size = Math.floor(TOTAL_BYTES / files);
    for (let index = 0; index < files; index += stride) {
      fs.writeFileSync(path.join(this.directory, 'assets', `file-${index}.js`), randomBytes(Math.ceil(size * 3 / 4)).toString('base64').slice(0, size));
    }
  }

  private async pack(id: string): Promise<Packed> {
    const { manifest } = readContent(new Stack(), this.directory, { immutable: [], cacheControl: {} }, []);
    const archive = path.join(this.emulator.directory, id);
    await run([this.python.python, '-c', 'import shutil,sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])', archive, this.directory]);
    await this.s3.send(new PutObjectCommand({ Bucket: 'bench-assets', Key: `${id}.zip`, Body: fs.readFileSync(`${archive}.zip`) }));
    await this.s3.send(new PutObjectCommand({ Bucket: 'bench-assets', Key: `${id}.json`, Body: JSON.stringify(manifest) }));
    return { id };
  }

  private event(RequestType: string, ResourceProperties: object): object {
    const ResponseURL = `http://127.0.0.1:${(this.receiver.address() as AddressInfo).port}/`;
    return { RequestType, ResponseURL, StackId: 'bench', RequestId: randomUUID(), LogicalResourceId: 'Site', PhysicalResourceId: 'Site', ResourceProperties };
  }

  private async measure(command: string[], event: object, environment: { [name: string]: string }): Promise<Run> {
    this.answers = [];
    const started = performance.now();
    const output = await run([...command, JSON.stringify(event)], { environment: { ...this.emulator.processEnvironment(), ...environment } });
    const milliseconds = performance.now() - started;
    if (this.answers[0]?.Status !== 'SUCCESS') throw new Error(`${command[1]}: ${this.answers[0]?.Reason}\n${output.slice(-2000)}`);
    return { milliseconds, peakMebibytes: Number(/"peakKiB": ?(\d+)/.exec(output)![1]) / 1024 };
  }
}

/** Where BucketDeployment's Lambda layer has the AWS CLI. */
function linkCli(python: PythonEnvironment): () => void {
  if (fs.existsSync(CLI)) return () => undefined;
  const hadFolder = fs.existsSync(path.dirname(CLI));
  fs.mkdirSync(path.dirname(CLI), { recursive: true });
  fs.symlinkSync(path.join(python.bin, 'aws'), CLI);
  return () => {
    fs.unlinkSync(CLI);
    if (!hadFolder) fs.rmdirSync(path.dirname(CLI));
  };
}

async function compare(bench: Bench, pairs: number, files: number): Promise<boolean> {
  const [first, second] = await bench.prepare(files);
  const phases = { first: [] as [Run, Run][], changed: [] as [Run, Run][] };
  for (let pair = 0; pair < pairs; pair++) {
    const [ourBucket, theirBucket] = [await bench.bucket(), await bench.bucket()];
    for (const [phase, packed, type] of [['first', first, 'Create'], ['changed', second, 'Update']] as const) {
      const sides = [() => bench.ours(ourBucket, packed, type), () => bench.theirs(theirBucket, packed, type)];
      // Turns about who begins.
      const order = pair % 2 === 0 ? [0, 1] : [1, 0];
      const runs: Run[] = [];
      for (const side of order) runs[side] = await sides[side]();
      phases[phase].push([runs[0], runs[1]]);
      print(`${phase} ${pair + 1}`, [[runs[0], runs[1]]]);
    }
  }
  print('first deployment', phases.first);
  print('1 % changed', phases.changed);
  const ratio = median(phases.changed.map(([ours, theirs]) => ours.milliseconds / theirs.milliseconds));
  console.log(`goal: at most ${GOAL} of the time when 1 % changed: ${ratio <= GOAL ? 'met' : 'MISSED'}`);
  return ratio <= GOAL;
}

function print(what: string, runs: [Run, Run][]): void {
  const side = (index: 0 | 1) => `${(median(runs.map(pair => pair[index].milliseconds)) / 1000).toFixed(2)} s, ${
    Math.round(Math.max(...runs.map(pair => pair[index].peakMebibytes)))} MiB`;
  const ratio = median(runs.map(([ours, theirs]) => ours.milliseconds / theirs.milliseconds));
  console.log(`${what}: SiteDeployment ${side(0)}; BucketDeployment ${side(1)}; ratio ${ratio.toFixed(3)}`);
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { pairs: { type: 'string', default: '3' }, files: { type: 'string', default: '5000' } } });
  const python = await pythonEnvironment('bench-site-deployment', 'bench/site-deployment-requirements.txt');
  const emulator = await Emulator.start();
  const receiver = createServer();
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve));
  const unlink = linkCli(python);
  try {
    const isMet = await compare(new Bench(emulator, python, receiver), Number(values.pairs), Number(values.files));
    process.exitCode = isMet ? 0 : 1;
  } finally {
    unlink();
    receiver.close();
    await emulator.stop();
  }
}

void main();
