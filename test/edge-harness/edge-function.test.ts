import { EdgeFunction } from '../../integ/emulator/edge/edge-function';
import { EdgeRequest, outcomeOf, viewerRequestEvent } from '../../integ/emulator/edge/function-event';

const REQUEST: EdgeRequest = {
  scheme: 'https',
  method: 'GET',
  host: 'arcade.example.com',
  path: '/games',
  query: 'a=1&a=2&b',
  ip: '192.0.2.1',
  body: Buffer.alloc(0),
  headers: { 'accept': ['text/html'], 'cookie': ['one=1; two=2'], 'x-real-ip': ['192.0.2.9'] },
};
const STORE = 'arn:aws:cloudfront::111111111111:key-value-store/a-b-c';

function event() {
  return viewerRequestEvent(REQUEST, { id: 'E1', domainName: 'd1.cloudfront.net' });
}

function run(code: string, keyValues?: { readonly [key: string]: string }): Promise<unknown> {
  const source = { code, keyValueStoreArn: keyValues && STORE };
  return new EdgeFunction(source, keyValues && ((key) => keyValues[key])).run(event());
}

describe('the event', () => {
  test('is as CloudFront makes it', async () => {
    const seen = await run('function handler(event) { return event; }') as { request: unknown; viewer: unknown; context: unknown };
    expect(seen.request).toEqual({
      method: 'GET',
      uri: '/games',
      querystring: { a: { value: '2', multiValue: [{ value: '1' }, { value: '2' }] }, b: { value: '' } },
      headers: { accept: { value: 'text/html' }, host: { value: 'arcade.example.com' } },
      cookies: { one: { value: '1' }, two: { value: '2' } },
    });
    expect(seen.viewer).toEqual({ ip: '192.0.2.1' });
    expect(seen.context).toMatchObject({ eventType: 'viewer-request', distributionId: 'E1', distributionDomainName: 'd1.cloudfront.net' });
  });

  test('has the query string as it was written', async () => {
    expect(await run('function handler(event) { return event.request.rawQueryString(); }')).toBe('a=1&a=2&b');
  });
});

describe('the world of a function', () => {
  test.each(['process', 'require', 'fetch', 'setTimeout', 'setImmediate', 'XMLHttpRequest', 'performance'])('has no %s', async (name) => {
    expect(await run(`function handler() { return typeof ${name}; }`)).toBe('undefined');
  });

  test('makes no code of text', async () => {
    await expect(run('function handler() { return eval("1"); }')).rejects.toThrow(/Code generation/);
    await expect(run('function handler() { return new Function("return 1")(); }')).rejects.toThrow(/Code generation/);
  });

  test('is strict', async () => {
    await expect(run('function handler() { undeclared = 1; return 1; }')).rejects.toThrow(/not defined/);
  });

  test('keeps nothing between requests', async () => {
    const counting = new EdgeFunction({ code: 'let count = 0; function handler() { count += 1; return count; }' });
    expect([await counting.run(event()), await counting.run(event())]).toEqual([1, 1]);
  });

  test('ends a function that does not', async () => {
    await expect(run('function handler() { while (true) {} }')).rejects.toThrow(/timed out/);
  });

  test('refuses modules that CloudFront does not have', async () => {
    await expect(run("import fs from 'fs';\nfunction handler() { return 1; }")).rejects.toThrow('there is no module fs');
  });

  test.each([
    ['const { uri } = event.request;', 'destructuring'],
    ['for (const one of []) { one; }', 'for … of'],
    ['class A {}', 'class'],
    ['event?.request;', '?.'],
    ['event ?? 1;', '??'],
    ['Math.max(...[1]);', 'spread'],
    ['const f = (a = 1) => a;', 'default parameters'],
  ])('refuses %s', (code, name) => {
    expect(() => new EdgeFunction({ code: `function handler(event) { ${code} return event; }` })).toThrow(name);
  });
});

describe('modules', () => {
  test('crypto and the key value store', async () => {
    const code = `import cf from 'cloudfront';
import crypto from 'crypto';
const store = cf.kvs();
async function handler(event) {
  return [await store.get('one'), await store.exists('two'), (await store.get('json', { format: 'json' })).a,
    crypto.createHash('sha256').update('x').digest('hex').slice(0, 8)];
}`;
    expect(await run(code, { one: '1', json: '{"a":2}' })).toEqual(['1', false, 2, '2d711642']);
  });

  test('a key that is not there is an error', async () => {
    await expect(run("import cf from 'cloudfront';\nasync function handler() { return cf.kvs().get('no'); }", {})).rejects.toThrow('KeyNotFound');
  });

  test('a store has to be associated', async () => {
    await expect(run("import cf from 'cloudfront';\nfunction handler() { return cf.kvs(); }")).rejects.toThrow(/no key value store/);
    await expect(run("import cf from 'cloudfront';\nfunction handler() { cf.kvs('other'); return 1; }", {})).rejects.toThrow(/not associated/);
    expect(await run("import cf from 'cloudfront';\nfunction handler() { cf.kvs('a-b-c'); return 1; }", {})).toBe(1);
  });
});

describe('what a function answers', () => {
  const outcome = async (statement: string) => outcomeOf(await run(`function handler(event) { const request = event.request; ${statement} }`), REQUEST);

  test('the request as it was changes nothing', async () => {
    expect((await outcome('return request;')).request).toMatchObject({
      path: '/games', query: 'a=1&a=2&b', host: 'arcade.example.com', headers: { 'cookie': ['one=1; two=2'], 'x-real-ip': ['192.0.2.9'] },
    });
  });

  test('path, query string, headers and cookies can be changed', async () => {
    const { request } = await outcome(`request.uri = '/index.html'; request.querystring = { c: { value: '3' } };
      request.headers['x-new'] = { value: 'yes' }; request.cookies = {}; return request;`);
    expect(request).toMatchObject({ path: '/index.html', query: 'c=3', headers: { 'x-new': ['yes'] } });
    expect(request!.headers.cookie).toBeUndefined();
  });

  test('an answer of its own', async () => {
    const { answer } = await outcome(`return { statusCode: 302, headers: { location: { value: '/x' } },
      cookies: { a: { value: '1', attributes: 'Secure' } }, body: { encoding: 'base64', data: 'aGk=' } };`);
    expect(answer).toEqual({ status: 302, headers: { 'location': ['/x'], 'set-cookie': ['a=1; Secure'] }, body: Buffer.from('hi') });
  });

  test.each([
    ['return undefined;', 'neither'],
    ['request.uri = "index.html"; return request;', 'uri'],
    ['request.method = "POST"; return request;', 'method'],
    ['request.headers.host = { value: "other" }; return request;', 'read-only header host'],
    ['delete request.headers.host; return request;', 'read-only header host'],
    ['request.headers["x-real-ip"] = { value: "1" }; return request;', 'x-real-ip'],
    ['request.headers["x-edge-a"] = { value: "1" }; return request;', 'x-edge-a'],
    ['request.headers["X-New"] = { value: "1" }; return request;', 'lower case'],
    ['request.headers["x-new"] = { value: 1 }; return request;', 'string'],
    ['return { statusCode: 99 };', 'status'],
    ['return { statusCode: 200, headers: { connection: { value: "close" } } };', 'connection'],
  ])('%s is refused', async (statement, why) => {
    await expect(outcome(statement)).rejects.toThrow(why);
  });
});
