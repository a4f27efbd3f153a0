import { getEventListeners } from 'events';
import * as http from 'http';
import { certificateFor, runOne, SwallowingAddress, TestServer } from './smoke-test-servers';
import { MAXIMUM_BODY_BYTES } from '../../../src/service/release/smoke-test-request';
import { DEADLINE_MILLISECONDS, failureReason, runSmokeTests, SmokeTestResult } from '../../../src/service/release/smoke-test-run';

let server: TestServer | undefined;
const requests: http.IncomingMessage[] = [];

async function serve(listener: http.RequestListener): Promise<TestServer> {
  server = await TestServer.http((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  return server;
}

const answers = (status: number, body = '', headers: http.OutgoingHttpHeaders = {}) => serve((_, response) => {
  response.writeHead(status, headers).end(body);
});

beforeEach(() => requests.splice(0));
afterEach(async () => {
  await server?.allClosed();
  await server?.stop();
  server = undefined;
});

/** Above which Node.js warns of a leak. Its own getMaxListeners() does not know Jest's AbortSignal. */
function listenerLimit(signal: AbortSignal): unknown {
  const limit = Object.getOwnPropertySymbols(signal).find(({ description }) => description === 'events.maxEventTargetListeners');
  return limit && (signal as unknown as { [property: symbol]: unknown })[limit];
}

const never = () => new AbortController().signal;

describe('what is sent', () => {
  test('by default GET, under the name that users call, on a connection of its own', async () => {
    const { port } = await answers(200);
    const result = await runOne({ path: '/health?deep=1' }, server!.target());

    expect(result).toEqual({ path: '/health?deep=1', method: 'GET', ok: true, status: 200, milliseconds: expect.any(Number), tries: 1 });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/health?deep=1', headers: { host: 'api.example.test', connection: 'close', accept: '*/*' } });
    expect(requests[0].headers['user-agent']).toBe('cdk-web-platform-smoke-test');
    expect(port).toBeGreaterThan(0);
  });

  test('headers of the test win over those that are set by themselves, in whatever spelling', async () => {
    await answers(200);
    await runOne({ path: '/', headers: { 'HOST': 'admin.example.test', 'User-Agent': 'me', 'X-Api-Version': '2' } }, server!.target());

    expect(requests[0].headers).toMatchObject({ 'host': 'admin.example.test', 'user-agent': 'me', 'x-api-version': '2' });
    expect(requests[0].rawHeaders.filter(name => /^(host|user-agent)$/i.test(name))).toHaveLength(2);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'])('a body with %s arrives whole, letters beyond ASCII included', async method => {
    const bodies: string[] = [];
    await serve((request, response) => {
      request.setEncoding('utf8').on('data', chunk => bodies.push(chunk)).on('end', () => response.writeHead(201).end());
    });
    const result = await runOne({ path: '/orders', method, body: '{"name":"Grüße"}', expectedStatus: 201 }, server!.target());

    expect(result.ok).toBe(true);
    expect(bodies.join('')).toBe('{"name":"Grüße"}');
    expect(requests[0].headers['transfer-encoding']).toBeUndefined();
  });

  test('HEAD and OPTIONS need no body', async () => {
    await answers(200, '', { 'content-length': '5000' });
    expect(await runOne({ path: '/', method: 'HEAD' }, server!.target())).toMatchObject({ ok: true, status: 200 });
    await server!.stop();
    await answers(204);
    expect(await runOne({ path: '/', method: 'OPTIONS', expectedStatus: 204 }, server!.target())).toMatchObject({ ok: true, status: 204 });
  });

  test('what cannot be written as a request is told and not thrown', async () => {
    await answers(200);
    const result = await runOne({ path: '/a b' }, server!.target());
    expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(/^not a request: .*unescaped characters/) });
  });
});

describe('what is expected', () => {
  test('a wrong status, with the beginning of the answer in one line', async () => {
    await answers(503, `{\n  "status": "down",\n  "detail": "${'x'.repeat(400)}"\n}`);
    const result = await runOne({ path: '/health', retries: 2 }, server!.target());

    expect(requests).toHaveLength(3);
    const beginning = `{ "status": "down", "detail": "${'x'.repeat(400)}`.slice(0, 200);
    expect(failureReason([result])).toBe(`GET /health: expected status 200, got 503 after 3 tries: ${beginning}…`);
  });

  test('a redirect is its status: a loop is told at once and never followed', async () => {
    await serve((request, response) => response.writeHead(302, { location: `${request.url}` }).end());

    const result = await runOne({ path: '/loop' }, server!.target());
    expect(failureReason([result])).toBe('GET /loop: expected status 200, got 302 to /loop after 1 try');
    expect(requests).toHaveLength(1);
    expect(await runOne({ path: '/loop', expectedStatus: 302 }, server!.target())).toMatchObject({ ok: true, status: 302 });
  });

  const HEALTH = { status: 'healthy', checks: { database: { ok: true, milliseconds: 12.5 }, none: null }, items: [{ id: 'a' }], empty: '' };

  test.each<[string, { [path: string]: string }]>([
    ['a text', { status: 'healthy' }],
    ['several, deeper', { 'checks.database.ok': 'true', 'checks.database.milliseconds': '12.5', 'checks.none': 'null' }],
    ['the element of a list', { 'items.0.id': 'a' }],
    ['an object as its JSON', { 'checks.database': '{"ok":true,"milliseconds":12.5}' }],
    ['an empty text', { empty: '' }],
    ['none at all', {}],
  ])('fields of the answer: %s', async (_, expectedFields) => {
    await answers(200, JSON.stringify(HEALTH));
    expect(await runOne({ path: '/', expectedFields }, server!.target())).toMatchObject({ ok: true });
  });

  test.each<[string, { [path: string]: string }, string]>([
    ['another value', { status: 'ok' }, "expected status 'ok', got 'healthy'"],
    ['a missing field', { version: '1' }, 'expected the field version, which is missing'],
    ['a field below a text', { 'status.code': '1' }, 'expected the field status.code, which is missing'],
    ['a field below null', { 'checks.none.x': '1' }, 'expected the field checks.none.x, which is missing'],
    ['what every object has in JavaScript', { 'constructor.name': 'Object' }, 'expected the field constructor.name, which is missing'],
    ['every field that is wrong', { 'status': 'ok', 'items.1.id': 'b' }, "expected status 'ok', got 'healthy', expected the field items.1.id, which is missing"],
  ])('fields of the answer, refused: %s', async (_, expectedFields, problem) => {
    await answers(200, JSON.stringify(HEALTH));
    expect(await runOne({ path: '/', expectedFields }, server!.target())).toMatchObject({ ok: false, status: 200, problem });
  });

  test('a value of any length is told in short', async () => {
    await answers(200, JSON.stringify({ status: 'x'.repeat(5000) }));
    const { problem } = await runOne({ path: '/', expectedFields: { status: 'ok' } }, server!.target());
    expect(problem).toBe(`expected status 'ok', got '${'x'.repeat(100)}…'`);
  });

  test.each([
    ['a page', '<html>It works!</html>', /^GET \/: expected JSON, got something else \(.+\) after 1 try: <html>It works!<\/html>$/],
    ['nothing', '', /^GET \/: expected JSON, got something else \(Unexpected end of JSON input\) after 1 try$/],
  ])('JSON that is %s', async (_, body, reason) => {
    await answers(200, body);
    expect(failureReason([await runOne({ path: '/', expectedFields: { status: 'ok' } }, server!.target())])).toMatch(reason);
  });

  test.each(['null', '[]', '"healthy"', '7'])('JSON that is no object: %s', async body => {
    await answers(200, body);
    expect(await runOne({ path: '/', expectedFields: { status: 'ok' } }, server!.target())).toMatchObject({ problem: 'expected the field status, which is missing' });
  });

  test.each([
    ['<h1>Grüße</h1>', 'Grüße'],
    ['{"version":"1.2.0"}', '"version":"1.2.0"'],
    ['a\r\nb', '\r\n'],
    ['$.*', '$.*'],
  ])('a text in the answer %j: %j', async (body, expectedText) => {
    await answers(200, body);
    expect(await runOne({ path: '/', expectedText }, server!.target())).toMatchObject({ ok: true });
  });

  test.each([
    ['hello', 'Hello', "expected the text 'Hello', which is missing"],
    ['', 'x', "expected the text 'x', which is missing"],
    ['ax', '.x.', "expected the text '.x.', which is missing"],
    ['hello', 'y'.repeat(101), `expected the text '${'y'.repeat(100)}…', which is missing`],
  ])('a text that is not in the answer %j: %j', async (body, expectedText, problem) => {
    await answers(200, body);
    const result = await runOne({ path: '/', expectedText }, server!.target());
    expect(result).toMatchObject({ ok: false, status: 200, problem });
    expect(result.answer).toBe(body || undefined);
  });

  test('a text and fields', async () => {
    await answers(200, '{"status":"ok"}');
    expect(await runOne({ path: '/', expectedText: 'ok', expectedFields: { status: 'ok' } }, server!.target())).toMatchObject({ ok: true });
    expect(await runOne({ path: '/', expectedText: 'no', expectedFields: { status: 'no' } }, server!.target()))
      .toMatchObject({ problem: "expected the text 'no', which is missing, expected status 'no', got 'ok'" });
  });

  test('a text behind a wrong status is not looked for', async () => {
    await answers(500, 'welcome');
    expect(await runOne({ path: '/', expectedText: 'welcome' }, server!.target())).toMatchObject({ problem: 'expected status 200, got 500' });
  });

  test('a first failure and a second success is a success', async () => {
    await serve((_, response) => response.writeHead(requests.length === 1 ? 502 : 200).end());
    expect(await runOne({ path: '/', retries: 2 }, server!.target())).toMatchObject({ ok: true, tries: 2 });
    expect(requests).toHaveLength(2);
  });
});

describe('what goes wrong on the way', () => {
  test('nobody listens', async () => {
    await answers(200);
    const target = server!.target();
    await server!.stop();
    expect(failureReason([await runOne({ path: '/', retries: 1 }, target)])).toBe(`GET /: no connection to 127.0.0.1:${target.port}: ECONNREFUSED after 2 tries`);
  });

  test('a name that nobody has', async () => {
    await answers(200);
    const { problem } = await runOne({ path: '/' }, server!.target({ addresses: ['nobody.invalid'] }));
    expect(problem).toMatch(/^no connection to nobody\.invalid:\d+: (ENOTFOUND|EAI_AGAIN)$/);
  });

  test('no address at all', async () => {
    await answers(200);
    expect(await runOne({ path: '/', retries: 1 }, server!.target({ addresses: [] }))).toMatchObject({ problem: 'there is no address to test', tries: 2 });
  });

  test('the next address is taken where the first refuses', async () => {
    await answers(200);
    expect(await runOne({ path: '/' }, server!.target({ addresses: ['127.0.0.2', '127.0.0.1'] }))).toMatchObject({ ok: true, tries: 1 });
    expect(requests).toHaveLength(1);
  });

  test('of all the addresses that a name stands for, one that answers is enough', async () => {
    await answers(200);
    expect(await runOne({ path: '/' }, server!.target({ addresses: ['localhost'] }))).toMatchObject({ ok: true, tries: 1 });
  });

  test('a request that was taken is not sent to the next address', async () => {
    await serve((_, response) => response.destroy());
    const result = await runOne({ path: '/orders', method: 'POST', body: '{}' }, server!.target({ addresses: ['127.0.0.1', '127.0.0.1'] }));
    expect(result).toMatchObject({ ok: false, problem: 'the connection was closed without an answer: socket hang up (ECONNRESET)' });
    expect(requests).toHaveLength(1);
  });

  test('an address that swallows connections costs one try, and the next begins with another', async () => {
    await answers(200);
    const swallowing = await SwallowingAddress.start('127.0.0.3', server!.port);
    try {
      const target = server!.target({ addresses: ['127.0.0.3', '127.0.0.1'] });
      expect(await runOne({ path: '/', timeoutSeconds: 0.2 }, target)).toMatchObject({ ok: false, problem: `no connection to 127.0.0.3:${server!.port} within 1 s` });
      expect(await runOne({ path: '/', timeoutSeconds: 0.2, retries: 1 }, target)).toMatchObject({ ok: true, tries: 2 });
    } finally {
      await swallowing.stop();
    }
  });

  test('no answer in time', async () => {
    await serve(() => undefined);
    const result = await runOne({ path: '/slow', timeoutSeconds: 0.1 }, server!.target());
    expect(result).toMatchObject({ ok: false, problem: 'no answer within 1 s' });
    expect(result.status).toBeUndefined();
    expect(result.milliseconds).toBeGreaterThanOrEqual(95);
  });

  test('an answer that drips for ever', async () => {
    let timer: NodeJS.Timeout;
    await serve((_, response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(timer));
    });
    const result = await runOne({ path: '/stream', timeoutSeconds: 0.2 }, server!.target());
    expect(result).toMatchObject({ ok: false, status: 200, problem: 'the answer was not complete within 1 s', answer: expect.stringMatching(/^\.+$/) });
  });

  test('of an answer that is wrong and never complete, the status is told', async () => {
    await serve((_, response) => response.writeHead(500).write('oops'));
    expect(await runOne({ path: '/', timeoutSeconds: 0.2 }, server!.target())).toMatchObject({ problem: 'expected status 200, got 500', answer: 'oops' });
  });

  test('a connection that is closed in the middle of the answer', async () => {
    await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await runOne({ path: '/' }, server!.target())).toMatchObject({
      ok: false, status: 200, problem: expect.stringMatching(/^the connection was closed in the middle of the answer: .*ECONNRESET/), answer: 'half',
    });
  });

  test('a connection that is reset', async () => {
    server = await TestServer.tcp(socket => socket.once('data', () => socket.resetAndDestroy()));
    expect(await runOne({ path: '/' }, server.target())).toMatchObject({
      ok: false, problem: expect.stringMatching(/^the connection was closed without an answer: .*ECONNRESET/),
    });
  });

  test('something that is not HTTP', async () => {
    server = await TestServer.tcp(socket => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    expect(await runOne({ path: '/' }, server.target())).toMatchObject({ ok: false, problem: expect.stringMatching(/^no answer in HTTP: .*HPE_/) });
  });

  test('of a huge answer one megabyte is read, and its status counts', async () => {
    let sent = 0;
    await serve((_, response) => {
      const chunk = Buffer.alloc(2 ** 16, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    expect(await runOne({ path: '/huge' }, server!.target())).toMatchObject({ ok: true, status: 200 });
    expect(sent).toBeLessThan(32 * MAXIMUM_BODY_BYTES);
    expect(await runOne({ path: '/huge', expectedText: 'xxx' }, server!.target())).toMatchObject({ ok: true });
    expect(await runOne({ path: '/huge', expectedText: 'y' }, server!.target())).toMatchObject({ ok: false, problem: "expected the text 'y', which is missing in the first 1 MB" });
    expect(await runOne({ path: '/huge', expectedFields: { status: 'ok' } }, server!.target())).toMatchObject({ ok: false, problem: 'expected JSON, got more than 1 MB' });
  });
});

describe('TLS', () => {
  const certificate = certificateFor('api.example.test');
  const ok: http.RequestListener = (_, response) => response.end();
  const target = (changes = {}) => server!.target({ protocol: 'https:', authority: certificate.cert, ...changes });

  test('a certificate of the right name that is trusted', async () => {
    const names: unknown[] = [];
    server = await TestServer.https(certificate, (request, response) => {
      names.push((request.socket as unknown as { servername: unknown }).servername, request.headers.host);
      response.end();
    });
    expect(await runOne({ path: '/' }, target())).toMatchObject({ ok: true });
    expect(await runOne({ path: '/', headers: { Host: 'api.example.test:8443' } }, target({ host: 'other.example.test' }))).toMatchObject({ ok: true });
    expect(names).toEqual(['api.example.test', 'api.example.test', 'api.example.test', 'api.example.test:8443']);
  });

  test('a certificate that nobody vouches for', async () => {
    server = await TestServer.https(certificate, ok);
    const problem = 'TLS failed: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)';
    expect(await runOne({ path: '/' }, target({ authority: undefined }))).toMatchObject({ ok: false, problem });
    expect(await runOne({ path: '/' }, target({ authority: undefined, anyCertificateName: true }))).toMatchObject({ ok: false, problem });
  });

  test('a certificate of another name, unless nobody said which it should be', async () => {
    server = await TestServer.https(certificate, ok);
    const { problem } = await runOne({ path: '/' }, target({ host: 'shop.example.test' }));
    expect(problem).toMatch(/^TLS failed: .*Host: shop\.example\.test\. is not in the cert's altnames: DNS:api\.example\.test \(ERR_TLS_CERT_ALTNAME_INVALID\)$/);
    expect(await runOne({ path: '/' }, target({ host: 'shop.example.test', anyCertificateName: true }))).toMatchObject({ ok: true });
  });

  test.each(['127.0.0.1', '[::1]', '[::1]:8443'])('an address as the name, %s, is not asked for in TLS and not in the certificate', async host => {
    server = await TestServer.https(certificate, ok);
    const { problem } = await runOne({ path: '/' }, target({ host }));
    expect(problem).toMatch(/^TLS failed: .*ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  test('plain HTTP where TLS is expected', async () => {
    server = await TestServer.http(ok);
    expect(await runOne({ path: '/' }, target())).toMatchObject({ ok: false, problem: expect.stringMatching(/^TLS failed: /) });
  });

  test('a server that never begins with TLS', async () => {
    server = await TestServer.tcp(socket => socket.resume());
    expect(await runOne({ path: '/', timeoutSeconds: 0.1 }, target())).toMatchObject({ ok: false, problem: 'no TLS connection within 1 s' });
  });
});

describe('all together', () => {
  test('all tests run at the same time, each with a line in the log when it is there', async () => {
    const waiting: http.ServerResponse[] = [];
    await serve((_, response) => {
      waiting.push(response);
      if (waiting.length === 20) for (const each of waiting) each.end();
    });
    const tests = Array.from({ length: 20 }, (_, index) => ({ path: `/${index}`, retries: 0 }));
    const lines: object[] = [];
    const deadline = never();
    const results = await runSmokeTests(tests, server!.target(), { deadline, log: line => lines.push(line) });

    expect(results.map(({ path, ok }) => `${path} ${ok}`)).toEqual(tests.map(({ path }) => `${path} true`));
    expect(new Set(lines)).toEqual(new Set(results));
    expect(failureReason(results)).toBeUndefined();
    expect(getEventListeners(deadline, 'abort')).toEqual([]);
    expect(listenerLimit(deadline)).toBe(0);
  });

  test('the deadline is two minutes', () => expect(DEADLINE_MILLISECONDS).toBe(120_000));

  test('nothing lasts beyond the deadline, however long single tests may take', async () => {
    server = await TestServer.http((request, response) => {
      if (request.url === '/failing') response.writeHead(500).end('broken');
      if (request.url === '/dripping') response.writeHead(200).write('x');
    });
    const tests = ['/slow', '/dripping', '/failing'].map(path => ({ path, timeoutSeconds: 60, retries: 10 }));
    const start = Date.now();
    const results = await runSmokeTests(tests, server.target(), { deadline: AbortSignal.timeout(300), log: () => undefined });

    expect(Date.now() - start).toBeLessThan(1000);
    expect(failureReason(results)!.split('\n')).toEqual([
      'GET /slow: no answer before the time of all smoke tests was over after 1 try',
      'GET /dripping: the answer was not complete before the time of all smoke tests was over after 1 try: x',
      'GET /failing: expected status 200, got 500 after 1 try: broken',
    ]);
  });

  test('after the deadline nothing is sent', async () => {
    await answers(200);
    const result = await runOne({ path: '/' }, server!.target({ addresses: ['127.0.0.1', '127.0.0.2'] }), AbortSignal.abort());
    expect(result).toMatchObject({ ok: false, tries: 1, problem: expect.stringMatching(/^no connection to 127\.0\.0\.\d:\d+ before the time of all smoke tests was over$/) });
    expect(requests).toEqual([]);
  });

  test('a run leaves neither connections nor timers behind', async () => {
    await serve((request, response) => request.url === '/ok' ? response.end('x') : request.socket.destroy());
    const [set, clear] = [jest.spyOn(global, 'setTimeout'), jest.spyOn(global, 'clearTimeout')];
    const tests = ['/ok', '/closed'].map(path => ({ path, timeoutSeconds: 60, retries: 1 }));
    await runSmokeTests(tests, server!.target(), { deadline: never(), log: () => undefined, pauseMilliseconds: 1 });

    const timers = set.mock.results.map(({ value }) => value).filter((_, index) => set.mock.calls[index][1]! > 50_000);
    const cleared = clear.mock.calls.map(([timer]) => timer);
    jest.restoreAllMocks();
    expect(timers).toHaveLength(3);
    expect(cleared).toEqual(expect.arrayContaining(timers));
    await server!.allClosed();
  });

  test('tries are a second apart, then two', async () => {
    const times: number[] = [];
    await serve((_, response) => {
      times.push(Date.now());
      response.writeHead(times.length === 3 ? 200 : 500).end();
    });
    const results = await runSmokeTests([{ path: '/' }], server!.target(), { deadline: never(), log: () => undefined });

    expect(results).toMatchObject([{ ok: true, tries: 3 }]);
    const [first, second, third] = times;
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect(third - second).toBeGreaterThanOrEqual(1990);
    expect(third - first).toBeLessThan(4500);
  });
});

describe('the reason', () => {
  const failed = (answer: string): SmokeTestResult => ({ path: '/health', method: 'GET', ok: false, milliseconds: 1, tries: 3, problem: 'expected status 200, got 503', answer });

  test('names every failed test on a line of its own', () => {
    expect(failureReason([failed('a'), { ...failed('b'), ok: true }, failed('c')])!.split('\n')).toEqual([
      'GET /health: expected status 200, got 503 after 3 tries: a',
      'GET /health: expected status 200, got 503 after 3 tries: c',
    ]);
  });

  test.each(['x', '"', 'ß', '\u{1F600}', '\u0000'])('fits into what CloudFormation takes, even where answers consist of %j', letter => {
    const reason = failureReason(Array.from({ length: 20 }, () => failed(letter.repeat(200))))!;
    expect(Buffer.byteLength(JSON.stringify(reason))).toBeLessThanOrEqual(3000);
    expect(Buffer.byteLength(JSON.stringify(reason))).toBeGreaterThan(2500);
    expect(reason).toMatch(/^GET \/health: expected status 200.*…$/s);
  });
});
