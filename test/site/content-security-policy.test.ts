import { Fn, Lazy } from 'aws-cdk-lib';
import { ContentSecurityPolicy, ContentSecurityPolicyOptions } from '../../src/site/content-security-policy';

const STRICT = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const HASH = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

test('only the site itself is allowed to begin with', () => {
  expect(new ContentSecurityPolicy().value).toBe(STRICT);
  expect(`${new ContentSecurityPolicy({ connectSrc: [] })}`).toBe(STRICT);
});

test.each<[ContentSecurityPolicyOptions, string]>([
  [{ connectSrc: ['https://api.example.com', 'wss://api.example.com'] }, "connect-src 'self' https://api.example.com wss://api.example.com"],
  [{ scriptSrc: [HASH, "'strict-dynamic'"] }, `script-src 'self' ${HASH} 'strict-dynamic'`],
  [{ imgSrc: ['https://*.example.com:8443/images/', 'data:', 'blob:'] }, "img-src 'self' data: https://*.example.com:8443/images/ blob:"],
  [{ frameAncestors: ['https://portal.example.com'] }, 'frame-ancestors https://portal.example.com'],
  [{ frameAncestors: ["'self'"] }, "frame-ancestors 'self'"],
  [{ objectSrc: ["'self'"] }, "object-src 'self'"],
  [{ imgSrc: ["'none'"] }, "img-src 'none'"],
  [{ fontSrc: ['fonts.gstatic.com'] }, "font-src 'self' fonts.gstatic.com"],
  [{ connectSrc: ['http://localhost:3000', '*'] }, "connect-src 'self' http://localhost:3000 *"],
  [{ reportEndpoint: '/api/csp' }, 'report-uri /api/csp; report-to csp'],
])('%j becomes %s', (options, directive) => {
  expect(new ContentSecurityPolicy(options).value.split('; ')).toEqual(expect.arrayContaining(directive.split('; ')));
});

test('a source that is only known at deployment passes', () => {
  const source = `https://${Fn.importValue('Api')}`;
  expect(new ContentSecurityPolicy({ connectSrc: [source] }).value).toContain(`connect-src 'self' ${source}`);
});

test.each<[string, unknown, RegExp]>([
  ['connectSrc', 'https://api.example.com; script-src *', /connect-src has a space, comma or semicolon/],
  ['connectSrc', '', /is empty/],
  ['connectSrc', 'https://exa mple.com', /space/],
  ['scriptSrc', 'self', /taken for a host of the name self[\s\S]*write it with its quotes: "'self'"/],
  ['scriptSrc', 'unsafe-inline', /its quotes/],
  ['scriptSrc', "'nonce-abc123'", /a nonce, which is the same in every answer[\s\S]*use the hash/],
  ['scriptSrc', "'sha256-short='", /not a keyword or a hash/],
  ['scriptSrc', "'Self'", /not a keyword/],
  ['scriptSrc', "'self", /not a keyword/],
  ['imgSrc', "'unsafe-inline'", /img-src is not a keyword or a hash/],
  ['styleSrc', "'unsafe-eval'", /style-src is not a keyword/],
  ['imgSrc', HASH, /img-src is not a keyword or a hash/],
  ['connectSrc', 'https://', /neither a scheme, a host nor a keyword/],
  ['connectSrc', 'https://api.example.com:99999', /neither/],
  ['connectSrc', 'https://api.example.com/a?b', /neither/],
  ['connectSrc', 'https://a*.example.com', /neither/],
  ['connectSrc', 7, /is not a text/],
])('%s %s is refused, with the name of its directive', (option, source, message) => {
  expect(() => new ContentSecurityPolicy({ [option]: [source] })).toThrow(message);
});

test("'none' beside others, lists that are none, tokens of lists, unknown options, wrong endpoints and lengths are refused", () => {
  expect(() => new ContentSecurityPolicy({ imgSrc: ["'none'", 'data:'] })).toThrow(/'none' stands beside other sources of img-src/);
  expect(() => new ContentSecurityPolicy({ imgSrc: 'data:' as unknown as string[] })).toThrow(/imgSrc is not a list/);
  expect(() => new ContentSecurityPolicy({ imgSrc: Lazy.list({ produce: () => ['data:'] }) })).toThrow(/imgSrc is only known at deployment/);
  expect(() => new ContentSecurityPolicy({ scriptsrc: ['*'] } as ContentSecurityPolicyOptions)).toThrow(/no option scriptsrc/);
  expect(() => new ContentSecurityPolicy({ reportEndpoint: 'http://reports.example.com' })).toThrow(/reportEndpoint is not well-formed/);
  expect(() => new ContentSecurityPolicy({ reportOnly: 'yes' as unknown as boolean })).toThrow(/reportOnly is not a boolean/);
  const hosts = Array.from({ length: 80 }, (_, index) => `https://host-${index}.example.com`);
  expect(() => new ContentSecurityPolicy({ connectSrc: hosts })).toThrow(/too long for CloudFront[\s\S]*at most 1783 characters/);
});
