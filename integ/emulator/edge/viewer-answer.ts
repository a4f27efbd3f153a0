import { EdgeAnswer, EdgeRequest } from './function-event';
import { field, HeaderFields } from './header-fields';

/** Headers that describe a body, which a 304 does not have. */
const OF_THE_BODY = ['content-length', 'content-type', 'content-encoding', 'content-range'];

/** Turns what the edge has into what this viewer asked for: nothing new, a part of it, or no body. */
export function forViewer(answer: EdgeAnswer, request: EdgeRequest): EdgeAnswer {
  const cacheable = request.method === 'GET' || request.method === 'HEAD';
  if (cacheable && answer.status === 200 && isUnchanged(answer.headers, request.headers)) {
    const headers = Object.entries(answer.headers).filter(([name]) => !OF_THE_BODY.includes(name));
    return { status: 304, headers: Object.fromEntries(headers), body: Buffer.alloc(0) };
  }
  const partial = request.method === 'GET' && answer.status === 200 ? part(answer, request.headers) : answer;
  return { ...partial, headers: { ...partial.headers, 'content-length': [lengthOf(partial, request)] } };
}

/** What a viewer's conditions say of an answer. */
function isUnchanged(headers: HeaderFields, asked: HeaderFields): boolean {
  const tags = field(asked, 'if-none-match');
  const tag = field(headers, 'etag');
  if (tags !== undefined) {
    return tag !== undefined && (tags.trim() === '*' || tags.split(',').some((one) => strong(one) === strong(tag)));
  }
  const since = Date.parse(field(asked, 'if-modified-since') ?? '');
  const modified = Date.parse(field(headers, 'last-modified') ?? '');
  return modified <= since;
}

/** One range of bytes; with several, or one that cannot be read, the whole answer. */
function part(answer: EdgeAnswer, asked: HeaderFields): EdgeAnswer {
  const range = /^bytes=(\d*)-(\d*)$/.exec(field(asked, 'range') ?? '');
  const condition = field(asked, 'if-range');
  if (!range || (!range[1] && !range[2]) || (condition && condition !== field(answer.headers, 'etag'))) {
    return answer;
  }
  const size = answer.body.length;
  const first = range[1] ? Number(range[1]) : Math.max(0, size - Number(range[2]));
  const last = range[1] && range[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (first > last) {
    return { status: 416, headers: { 'content-range': [`bytes */${size}`] }, body: Buffer.alloc(0) };
  }
  const headers = { ...answer.headers, 'content-range': [`bytes ${first}-${last}/${size}`] };
  return { status: 206, headers, body: answer.body.subarray(first, last + 1) };
}

/** What was asked with HEAD has the length of what GET would have brought. */
function lengthOf(answer: EdgeAnswer, request: EdgeRequest): string {
  const bytes = answer.body.length;
  return request.method === 'HEAD' && bytes === 0 ? field(answer.headers, 'content-length') ?? '0' : `${bytes}`;
}

function strong(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
