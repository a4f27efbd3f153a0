import { promisify } from 'util';
import * as zlib from 'zlib';
import { EdgeAnswer } from './function-event';
import { field } from './header-fields';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

const SMALLEST = 1000;
const LARGEST = 10_000_000;
/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html#compressed-content-cloudfront-file-types */
const TYPES = new Set([
  'application/dash+xml', 'application/eot', 'application/font', 'application/font-sfnt', 'application/javascript', 'application/json',
  'application/opentype', 'application/otf', 'application/pdf', 'application/pkcs7-mime', 'application/protobuf', 'application/rss+xml',
  'application/truetype', 'application/ttf', 'application/vnd.apple.mpegurl', 'application/vnd.mapbox-vector-tile', 'application/vnd.ms-fontobject',
  'application/wasm', 'application/xhtml+xml', 'application/xml', 'application/x-font-opentype', 'application/x-font-truetype',
  'application/x-font-ttf', 'application/x-httpd-cgi', 'application/x-javascript', 'application/x-mpegurl', 'application/x-opentype',
  'application/x-otf', 'application/x-perl', 'application/x-ttf', 'font/eot', 'font/opentype', 'font/otf', 'font/ttf', 'image/svg+xml', 'text/css',
  'text/csv', 'text/html', 'text/javascript', 'text/js', 'text/plain', 'text/richtext', 'text/tab-separated-values', 'text/xml',
  'text/x-component', 'text/x-java-source', 'text/x-script', 'vnd.apple.mpegurl',
]);

/**
 * Compresses an answer where CloudFront would. @param accepted encodings, the better one first
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html
 */
export async function compressed(answer: EdgeAnswer, accepted: readonly string[]): Promise<EdgeAnswer> {
  const type = (field(answer.headers, 'content-type') ?? '').split(';')[0].trim().toLowerCase();
  const compressible = [200, 403, 404].includes(answer.status) && TYPES.has(type) && answer.headers['content-encoding'] === undefined
    && answer.body.length >= SMALLEST && answer.body.length <= LARGEST;
  if (accepted.length === 0 || !compressible) {
    return answer;
  }
  const body = accepted[0] === 'br'
    ? await brotli(answer.body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } })
    : await gzip(answer.body);
  const { 'content-length': _, etag, ...headers } = answer.headers;
  return {
    ...answer,
    body,
    headers: {
      ...headers,
      'content-encoding': [accepted[0]],
      'vary': [...headers.vary ?? [], 'Accept-Encoding'],
      // What is not byte for byte the origin's has a weak tag.
      ...(etag ? { etag: [etag[0].replace(/^(W\/)?/, 'W/')] } : {}),
    },
  };
}
