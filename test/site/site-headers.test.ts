import { App, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ContentSecurityPolicy } from '../../src/site/content-security-policy';
import { SiteHeaders, SiteHeadersProps } from '../../src/site/site-headers';

function configOf(props?: SiteHeadersProps) {
  const stack = new Stack(new App(), 'Stack');
  new SiteHeaders(stack, 'Headers', props);
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::ResponseHeadersPolicy'));
  return policy.Properties.ResponseHeadersPolicyConfig;
}

function customOf(props?: SiteHeadersProps): { [name: string]: string } {
  return Object.fromEntries(configOf(props).CustomHeadersConfig.Items.map((item: { Header: string; Value: string }) => [item.Header, item.Value]));
}

test('browsers are careful by default', () => {
  expect(configOf().SecurityHeadersConfig).toEqual({
    ContentSecurityPolicy: { ContentSecurityPolicy: new ContentSecurityPolicy().value, Override: true },
    ContentTypeOptions: { Override: true },
    FrameOptions: { FrameOption: 'DENY', Override: true },
    ReferrerPolicy: { ReferrerPolicy: 'strict-origin-when-cross-origin', Override: true },
    StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: false, Preload: false, Override: true },
  });
  expect(customOf()).toEqual({
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
  });
  expect(configOf().RemoveHeadersConfig.Items).toContainEqual({ Header: 'Server' });
});

test('a policy to try is sent beside, and refuses nothing', () => {
  const props = { contentSecurityPolicy: new ContentSecurityPolicy({ reportOnly: true, reportEndpoint: 'https://reports.example.com/csp' }) };
  expect(configOf(props).SecurityHeadersConfig.ContentSecurityPolicy).toBeUndefined();
  expect(customOf(props)['Content-Security-Policy-Report-Only']).toMatch(/^default-src 'self'; .*report-to csp$/);
  expect(customOf(props)['Reporting-Endpoints']).toBe('csp="https://reports.example.com/csp"');
});

test.each([
  [["'self'"], 'SAMEORIGIN'],
  [["'none'"], 'DENY'],
  [['https://portal.example.com'], undefined],
  [["'self'", 'https://portal.example.com'], undefined],
])('frames allowed from %j make the older header %s', (frameAncestors, option) => {
  const { FrameOptions } = configOf({ contentSecurityPolicy: new ContentSecurityPolicy({ frameAncestors }) }).SecurityHeadersConfig;
  expect(FrameOptions?.FrameOption).toBe(option);
});

test('everything may be chosen', () => {
  const props: SiteHeadersProps = {
    hstsMaxAge: Duration.days(730),
    hstsIncludeSubdomains: true,
    hstsPreload: true,
    crossOriginOpenerPolicy: 'same-origin',
    permissionsPolicy: 'camera=(self)',
    customHeaders: { 'X-Robots-Tag': 'noindex', 'X-Region': Fn.ref('AWS::Region') },
    removeHeaders: ['ETag'],
  };
  expect(configOf(props).SecurityHeadersConfig.StrictTransportSecurity).toMatchObject({ Preload: true, IncludeSubdomains: true });
  expect(customOf(props)).toMatchObject({ 'X-Robots-Tag': 'noindex', 'X-Region': { Ref: 'AWS::Region' }, 'Permissions-Policy': 'camera=(self)' });
  expect(configOf(props).RemoveHeadersConfig.Items).toEqual([{ Header: 'ETag' }]);
});

test.each<[SiteHeadersProps, RegExp]>([
  [{ hstsPreload: true }, /only with all hosts below it/],
  [{ hstsPreload: true, hstsIncludeSubdomains: true, hstsMaxAge: Duration.days(30) }, /for a year at least/],
  [{ hstsMaxAge: Duration.days(1000) }, /hstsMaxAge/],
  [{ crossOriginOpenerPolicy: 'none' }, /crossOriginOpenerPolicy has a value that does not exist/],
  [{ customHeaders: { 'content-security-policy': 'x' } }, /has an option of its own/],
  [{ customHeaders: { 'X Bad': 'x' } }, /customHeaders is not well-formed/],
  [{ customHeaders: { 'X-Bad': 'a\nb' } }, /X-Bad has a value that CloudFront does not take/],
  [{ customHeaders: { 'X-Long': 'x'.repeat(1784) } }, /1 to 1783/],
  [{ customHeaders: Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`X-${index}`, 'x'])) }, /more headers than CloudFront adds/],
  [{ removeHeaders: ['a b'] }, /removeHeaders/],
  [{ contentSecurityPolicy: "default-src 'self'" as unknown as ContentSecurityPolicy }, /a ContentSecurityPolicy/],
])('%j is refused before anything is made', (props, message) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new SiteHeaders(stack, 'Headers', props)).toThrow(message);
  expect(stack.node.findAll().filter(node => node.node.id === 'Policy')).toEqual([]);
});

test('two can be in one stack', () => {
  const stack = new Stack(new App(), 'Stack');
  new SiteHeaders(stack, 'One');
  new SiteHeaders(stack, 'Two');
  Template.fromStack(stack).resourceCountIs('AWS::CloudFront::ResponseHeadersPolicy', 2);
  Template.fromStack(stack).allResourcesProperties('AWS::CloudFront::ResponseHeadersPolicy', { ResponseHeadersPolicyConfig: { Name: Match.anyValue() } });
});
