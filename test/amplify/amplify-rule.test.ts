import { Token } from 'aws-cdk-lib';
import { refusal } from './amplify-fixtures';
import { AmplifyRule } from '../../src';

test.each<[string, AmplifyRule, object]>([
  ['sends browsers elsewhere for now', AmplifyRule.redirect('/old/<*>', '/new/<*>'), { source: '/old/<*>', target: '/new/<*>', status: '302' }],
  ['sends browsers elsewhere for ever', AmplifyRule.redirect('https://www.example.com', 'https://example.com', { permanent: true }), { status: '301' }],
  ['asks another host on the way', AmplifyRule.rewrite('/api/<*>', 'https://api.example.com/<*>'), { status: '200' }],
  ['shows a page for what is not there', AmplifyRule.notFound('/404.html', { country: 'DE' }), { source: '/<*>', status: '404', country: 'DE' }],
  ['may ask a host that is known at deployment', AmplifyRule.rewrite('/api/<*>', Token.asString({ Ref: 'Api' })), { status: '200' }],
])('a rule %s', (_does, rule, expected) => {
  expect(rule).toMatchObject(expected);
});

describe('the rule of a single-page app', () => {
  const { source, target, status } = AmplifyRule.singlePageApp();
  // Amplify: an expression between </ and />.
  const pattern = new RegExp(source.slice(2, -2));

  test('answers with its page', () => {
    expect(source).toMatch(/^<\/.*\/>$/);
    expect([target, status]).toEqual(['/index.html', '200']);
  });

  test.each(['/', '/about', '/users/42', '/v1.2/users', '/@me', '/a-b_c', '/users/jane.doe', '/search/1.5'])('for %s', path => {
    expect(pattern.test(path)).toBe(true);
  });

  test.each([
    '/favicon.ico', '/assets/index-BxY3dR9k.js', '/assets/index-BxY3dR9k.js.map', '/a.css', '/logo.svg', '/photo.jpg', '/photo.jpeg', '/f.woff2', '/f.woff',
    '/robots.txt', '/sitemap.xml', '/app.webmanifest', '/x.wasm', '/v1.2/x.png', '/privacy.html', '/.well-known/security.txt', '/font.otf',
  ])('and not for %s', path => {
    expect(pattern.test(path)).toBe(false);
  });
});

test.each<[string, () => AmplifyRule, RegExp]>([
  ['no source', () => AmplifyRule.redirect(undefined as never, '/'), /source is missing/],
  ['no target', () => AmplifyRule.rewrite('/', undefined as never), /target is missing/],
  ['a source without a slash', () => AmplifyRule.redirect('old', '/new'), /source is not well-formed/],
  ['a target without a slash', () => AmplifyRule.notFound('404.html'), /target is not well-formed/],
  ['a source with a space', () => AmplifyRule.redirect('/a b', '/new'), /source is not well-formed/],
  ['a source that is too long', () => AmplifyRule.redirect(`/${'x'.repeat(2048)}`, '/new'), /2,048/],
  ['a target that is too long', () => AmplifyRule.redirect('/old', `/${'x'.repeat(2048)}`), /2,048/],
  ['a country that is none', () => AmplifyRule.redirect('/old', '/new', { country: 'Germany' }), /two capital letters/],
  ['a text for permanent', () => AmplifyRule.redirect('/old', '/new', { permanent: 'no' as never }), /permanent is not a boolean/],
  ['a redirect to itself', () => AmplifyRule.redirect('/a', '/a'), /never ends/],
])('%s is refused', (_what, make, message) => {
  expect(refusal(make)).toMatch(message);
});

test('the longest addresses are taken', () => {
  const longest = `/${'x'.repeat(2047)}`;
  expect(AmplifyRule.rewrite(longest, longest).source).toBe(longest);
});
