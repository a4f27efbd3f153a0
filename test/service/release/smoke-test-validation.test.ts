import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { SmokeTest } from '../../../src/service/release/smoke-test';
import { planSmokeTests, validateSmokeTests } from '../../../src/service/release/smoke-test-validation';
import { refusal, wrong } from '../fixtures';

const stack = new Stack();
const validate = (tests: SmokeTest[]) => validateSmokeTests(stack, 'smokeTests', tests);
const refused = (tests: SmokeTest[]) => refusal(() => validate(tests));

const token = Token.asString({ Ref: 'Path' });
const number = Token.asNumber({ Ref: 'Number' });

test.each<[string, SmokeTest[] | undefined]>([
  ['none at all', undefined],
  ['the smallest', [{ path: '/' }]],
  ['a query and every sign that a path may have', [{ path: "/a-b_c.d~e!$&'()*+,;=:@%20?q=1&r[]={x}\"" }]],
  ['the longest path', [{ path: `/${'x'.repeat(2047)}` }]],
  ['everything', [{
    path: '/orders',
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Host': 'shop.example.com', 'X-Empty': '' },
    body: '',
    expectedStatus: 599,
    expectedFields: { 'checks.0.status': 'ok', 'empty': '' },
    expectedText: '<title>\n"Grüße"</title>',
    timeout: Duration.minutes(1),
    retries: 10,
  }]],
  ['the same path with another method, header or body', [
    { path: '/' }, { path: '/', method: 'HEAD' }, { path: '/', headers: { Accept: 'text/html' } },
    { path: '/', method: 'POST', body: '1' }, { path: '/', method: 'POST', body: '2' },
  ]],
  ['twenty', Array.from({ length: 20 }, (_, index) => ({ path: `/${index}` }))],
  ['a list that is only known later', Token.asAny([]) as never],
  ['values that are only known at deployment', [{
    path: token, headers: { 'X-Api': token }, body: token, expectedStatus: number, retries: number, expectedFields: { version: token }, expectedText: token,
  }]],
  ['more than fits, where its length is not known', [{ path: '/', body: Lazy.string({ produce: () => 'x' }) + 'x'.repeat(4000) }]],
])('taken: %s', (_, tests) => {
  validateSmokeTests(stack, 'smokeTests', tests);
});

test.each<[string, SmokeTest, string]>([
  ['no path', wrong({}), 'smokeTests[0].path is missing'],
  ['a path of null', wrong({ path: null }), 'smokeTests[0].path is missing'],
  ['a path that is a number', wrong({ path: 1 }), 'smokeTests[0].path is not well-formed'],
  ['an empty path', { path: '' }, 'smokeTests[0].path is not well-formed'],
  ['a path without a slash', { path: 'health' }, 'smokeTests[0].path is not well-formed'],
  ['a whole address', { path: 'https://example.com/health' }, 'allowed: a path that begins with /'],
  ['a space in the path', { path: '/a b' }, 'without spaces'],
  ['a line break in the path', { path: '/a\r\nHost: x' }, 'smokeTests[0].path is not well-formed'],
  ['a line break at the end', { path: '/a\n' }, 'smokeTests[0].path is not well-formed'],
  ['a letter beyond ASCII', { path: '/grüße' }, 'smokeTests[0].path is not well-formed'],
  ['a fragment', { path: '/#top' }, 'smokeTests[0].path is not well-formed'],
  ['a path that is too long', { path: `/${'x'.repeat(2048)}` }, 'at most 2048 characters'],
  ['an unknown method', { path: '/', method: 'FETCH' }, 'allowed: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  ['a method in small letters', { path: '/', method: 'get' }, "got: smokeTests[0].method 'get'"],
  ['headers as a list', { path: '/', headers: wrong(['a']) }, 'smokeTests[0].headers is not an object'],
  ['a header name with a colon', { path: '/', headers: { 'Accept:': 'x' } }, 'smokeTests[0].headers name is not well-formed'],
  ['a header without a value', { path: '/', headers: { Accept: wrong(undefined) } }, 'smokeTests[0].headers.Accept is missing'],
  ['a header that is a number', { path: '/', headers: { Accept: wrong(1) } }, 'smokeTests[0].headers.Accept is not well-formed'],
  ['a header of two lines', { path: '/', headers: { Accept: 'a\nb' } }, 'allowed: a text in one line'],
  ['a header of the connection', { path: '/', headers: { 'Content-Length': '1' } }, "got: smokeTests[0].headers 'Content-Length'"],
  ['a header in two spellings', { path: '/', headers: { Accept: 'a', accept: 'b' } }, 'smokeTests[0].headers has a header in two spellings'],
  ['a body that is an object', { path: '/', body: wrong({}) }, 'smokeTests[0].body is not well-formed'],
  ['a status that is no answer', { path: '/', expectedStatus: 101 }, 'allowed: 200 to 599'],
  ['a status as text', { path: '/', expectedStatus: wrong('200') }, "got: smokeTests[0].expectedStatus '200'"],
  ['fields as a list', { path: '/', expectedFields: wrong(['status']) }, 'smokeTests[0].expectedFields is not an object'],
  ['a field without a name', { path: '/', expectedFields: { '': 'x' } }, 'smokeTests[0].expectedFields path is not well-formed'],
  ['a path of fields with a gap', { path: '/', expectedFields: { 'a..b': 'x' } }, 'smokeTests[0].expectedFields path is not well-formed'],
  ['a field that is not compared with text', { path: '/', expectedFields: { ok: wrong(true) } }, "allowed: a text, such as 'healthy' or 'true'"],
  ['a field without a value', { path: '/', expectedFields: { ok: wrong(undefined) } }, 'smokeTests[0].expectedFields.ok is missing'],
  ['fields of HEAD', { path: '/', method: 'HEAD', expectedFields: { ok: 'true' } }, 'expects fields of an answer that has no body'],
  ['fields of 204', { path: '/', expectedStatus: 204, expectedFields: { ok: 'true' } }, 'method GET, expectedStatus 204'],
  ['an empty text', { path: '/', expectedText: '' }, 'smokeTests[0].expectedText is not well-formed'],
  ['a text that is none', { path: '/', expectedText: wrong(/x/) }, 'smokeTests[0].expectedText is not well-formed'],
  ['a text of HEAD', { path: '/', method: 'HEAD', expectedText: 'x' }, "got: smokeTests[0].expectedText 'x', method HEAD, expectedStatus 200"],
  ['a text of 304', { path: '/', expectedStatus: 304, expectedText: 'x' }, 'expects a text of an answer that has no body'],
  ['no time', { path: '/', timeout: Duration.seconds(0) }, 'smokeTests[0].timeout (seconds) is not a whole number from 1 to 60'],
  ['too much time', { path: '/', timeout: Duration.minutes(2) }, 'allowed: 1 to 60'],
  ['a time without its unit', { path: '/', timeout: wrong(10) }, 'a Duration, such as Duration.seconds(30)'],
  ['a time that is only known later', { path: '/', timeout: Duration.seconds(number) }, 'smokeTests[0].timeout is only known at deployment'],
  ['too many tries', { path: '/', retries: 11 }, 'allowed: 0 to 10'],
  ['fewer than no further tries', { path: '/', retries: -1 }, 'got: smokeTests[0].retries -1'],
])('refused: %s', (_, smokeTest, message) => {
  expect(refused([smokeTest])).toContain(message);
});

test.each<[string, unknown, string]>([
  ['not a list', { path: '/' }, 'smokeTests is not a list'],
  ['an empty list', [], 'smokeTests is empty, so nothing would be tested'],
  ['too many', Array.from({ length: 21 }, (_, index) => ({ path: `/${index}` })), 'got: smokeTests with 21 tests'],
  ['a path alone', ['/health'], "fix: write { path: '/health' }"],
  ['nothing', [undefined], 'smokeTests[0] is not a smoke test'],
  ['a list in the list', [[]], 'fix: write an object with a path'],
  ['the same twice', [{ path: '/a' }, { path: '/b' }, { path: '/a', method: 'GET', expectedStatus: 201 }], 'got: GET /a as smokeTests[0] and smokeTests[2]'],
  ['the same headers in another order', [{ path: '/', headers: { A: '1', B: '2' } }, { path: '/', headers: { B: '2', A: '1' } }], 'a smoke test is there twice'],
])('refused: %s', (_, tests, message) => {
  expect(refused(wrong(tests))).toContain(message);
});

test('tests that do not fit into the configuration of a function are refused with their length', () => {
  const fitting = { path: '/', body: 'x'.repeat(3500 - '[{"path":"/","body":""}]'.length) };
  validate([fitting]);
  expect(refused([{ ...fitting, body: `${fitting.body}x` }])).toContain('got: 3501 bytes as JSON');
  expect(refused([{ path: '/', body: 'ß'.repeat(1800) }])).toContain('got: 3624 bytes as JSON');
});

test('a function is told nothing of what was left out, and of times in seconds', () => {
  expect(JSON.stringify(planSmokeTests([{ path: '/', timeout: Duration.minutes(1), retries: 0 }]))).toBe('[{"path":"/","timeoutSeconds":60,"retries":0}]');
});
