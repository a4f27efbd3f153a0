import { readdirSync, readFileSync } from 'fs';
import { createServer, IncomingMessage, ServerResponse } from 'http';
import type { AddressInfo } from 'net';
import { join } from 'path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { transparent } from './image-files';
import { handler } from '../../src/uploads/image-processing.lambda';
import { imageSettings } from '../../src/uploads/image-uploads-settings';

const BUNDLE = join(__dirname, '../../assets/uploads/image-processing.lambda');
const stored = new Map<string, Buffer>();
const asked: string[] = [];

/** As much of S3 as the function asks for: objects by path, and whether they are still the same. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!.split('?')[0];
  asked.push(`${request.method} ${path} ${request.headers['if-match'] ?? ''}`.trim());
  if (path.includes('forbidden')) return void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
  if (request.method === 'PUT') {
    const parts: Buffer[] = [];
    request.on('data', part => parts.push(part)).on('end', () => {
      stored.set(path, Buffer.concat(parts));
      response.end();
    });
    return;
  }
  const found = stored.get(path);
  if (!found) return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  if ((request.headers['if-match'] ?? '"now"') !== '"now"') return void response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
  response.writeHead(200, { 'content-length': found.length, 'etag': '"now"' }).end(found);
}

const server = createServer(answer);
const before = process.env;

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  process.env = {
    ...before,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    UPLOADS_BUCKET: 'uploads-bucket',
    IMAGES_BUCKET: 'images-bucket',
    SETTINGS: JSON.stringify(imageSettings({ sizes: [{ name: 'small', width: 320 }], maximumMebibytes: 1 })),
  };
  jest.spyOn(console, 'log').mockImplementation();
  jest.spyOn(console, 'error').mockImplementation();
});

beforeEach(() => {
  stored.clear();
  asked.length = 0;
});

afterAll(async () => {
  process.env = before;
  jest.restoreAllMocks();
  await new Promise(resolve => server.close(resolve));
});

function put(name: string, file: Buffer): void {
  // A bucket is in the name of the host on AWS, and in the path at an address of numbers.
  stored.set(`/uploads-bucket/uploads/${name}`, file);
}

function call(...bodies: (string | { name: string; etag?: string })[]): Promise<SQSBatchResponse> {
  const Records = bodies.map((body, index) => ({
    messageId: `message-${index}`,
    body: typeof body === 'string' ? body : JSON.stringify({
      source: 'aws.s3', detail: { bucket: { name: 'uploads-bucket' }, object: { key: `uploads/${body.name}`, etag: body.etag ?? 'now' } },
    }),
  }));
  return handler({ Records } as unknown as SQSEvent);
}

function result(name: string) {
  const found = stored.get(`/images-bucket/results/${name}.json`);
  return found && JSON.parse(found.toString());
}

test('uploads are read, as long as they are what the message told of, and images and result are written', async () => {
  put('a', await transparent());
  expect(await call({ name: 'a' })).toEqual({ batchItemFailures: [] });
  expect(result('a')).toMatchObject({ status: 'ready', images: [{ key: 'images/a/small.webp', width: 320 }] });
  expect(asked).toEqual([
    'GET /images-bucket/results/a.json', 'GET /uploads-bucket/uploads/a "now"', 'PUT /images-bucket/images/a/small.webp', 'PUT /images-bucket/results/a.json',
  ]);
});

test('those of a call that fail are named, and the others are done', async () => {
  put('a', await transparent());
  put('c', await transparent());
  expect(await call({ name: 'a' }, 'no message', { name: 'forbidden' }, { name: 'c' })).toEqual({
    batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-2' }],
  });
  expect([result('a').status, result('c').status]).toEqual(['ready', 'ready']);
});

test('what is too large is refused without being read', async () => {
  put('large', Buffer.alloc(2 ** 20 + 1));
  await call({ name: 'large' });
  expect(result('large')).toMatchObject({ status: 'refused', reason: 'too-large' });
});

test('what was deleted or replaced is left alone', async () => {
  put('replaced', await transparent());
  expect(await call({ name: 'deleted' }, { name: 'replaced', etag: 'before' })).toEqual({ batchItemFailures: [] });
  expect([result('deleted'), result('replaced')]).toEqual([undefined, undefined]);
});

test('the packed function has the WebAssembly build with its licences, and looks for no other', () => {
  const code = readFileSync(join(BUNDLE, 'index.js'), 'utf8');
  expect(code).toMatch(/require\("\.\/sharp-wasm32-[\d.]+\.node\.js"\)/);
  expect(code).not.toMatch(/@img\/sharp-(linux|darwin|win32)[^"]*\/sharp\.node/);
  expect(readdirSync(BUNDLE).filter(file => /wasm$|LICENSE/.test(file))).toHaveLength(4);
});
