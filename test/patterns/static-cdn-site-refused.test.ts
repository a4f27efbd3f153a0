import { Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { addSite, configOf, newStack, SITE_FOLDER, VIRGINIA } from './static-cdn-site-fixtures';
import { SiteApi, SiteKind, StaticCdnSite, StaticCdnSiteProps } from '../../src';
import { PlatformError } from '../../src/errors';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/8f1e2d3c';
const WEB_ACL = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/theirs/8f1e2d3c';

describe('what is refused', () => {
  const given = {};
  test.each<[string, object, RegExp]>([
    ['bucket', { bucket: { bucketArn: 'arn:aws:s3:::files' }, intelligentTiering: true }, /intelligentTiering would shape a new bucket/],
    ['bucket', { bucket: { bucketArn: 'arn:aws:s3:::files' }, intelligentTiering: false }, /intelligentTiering would shape a new bucket/],
    ['headers', { headers: given, contentSecurityPolicy: given }, /contentSecurityPolicy would shape a new headers/],
    ['firewall', { firewall: { webAclArn: WEB_ACL }, firewallEnabled: true }, /firewallEnabled would shape a new firewall/],
    ['firewall', { firewall: { webAclArn: WEB_ACL }, firewallEnabled: false }, /firewallEnabled would shape a new firewall/],
    ['password', { password: given, passwordProtected: true }, /passwordProtected would shape a new password/],
    ['monitoring', { monitoring: { watch: 1 }, alertTopic: { topicArn: 'arn:aws:sns:::t' } }, /alertTopic would shape a new monitoring/],
    ['monitoring', { monitoring: { watch: 1 }, alertTopic: { topicArn: 'arn:aws:sns:::t' }, alertEmails: [] }, /alertTopic, alertEmails would shape a new monitoring/],
    ['domainName', { alternativeDomainNames: ['example.com'] }, /alternativeDomainNames does nothing without domainName/],
    ['domainName', { hostedZone: given }, /hostedZone does nothing without domainName/],
    ['domainName', { certificate: given }, /certificate does nothing without domainName/],
    ['directory', { runtimeConfig: given }, /runtimeConfig does nothing without directory/],
    ['directory', { cacheControl: given }, /cacheControl does nothing without directory/],
  ])('what would be ignored, because of %s: %j', (_because, props, message) => {
    expect(refusal(props)).toMatch(message);
  });

  test.each<[string, object]>([
    ['kind', { kind: undefined }],
    ['kind', { kind: 'spa' }],
    ['profile', { profile: 'production' }],
    ['directory', { directory: 7 }],
    ['directory', { directory: '' }],
    ['domainName', { domainName: 7 }],
    ['domainName', { domainName: '' }],
    ['domainName', { domainName: 'www example' }],
    ['alternativeDomainNames', { domainName: 'www.example.com', alternativeDomainNames: 'example.com' }],
    ['hostedZone', { domainName: 'www.example.com', hostedZone: 'Z0123456789' }],
    ['certificate', { domainName: 'www.example.com', certificate: CERTIFICATE }],
    ['firewallEnabled', { firewallEnabled: 'no' }],
    ['firewall', { firewall: WEB_ACL }],
    ['runtimeConfig', { directory: SITE_FOLDER, runtimeConfig: { apiUrl: '/api' } }],
    ['api', { api: 'https://api.example.com' }],
    ['contentSecurityPolicy', { contentSecurityPolicy: "default-src 'self'" }],
    ['headers', { headers: { 'X-Frame-Options': 'DENY' } }],
    ['passwordProtected', { passwordProtected: 'yes' }],
    ['password', { password: 'secret' }],
    ['errorPages', { errorPages: '/404.html' }],
    ['bucket', { bucket: 'my-files' }],
    ['intelligentTiering', { intelligentTiering: 'yes' }],
    ['cacheControl', { directory: SITE_FOLDER, cacheControl: 'no-cache' }],
    ['smokeTests', { smokeTests: '/' }],
    ['smokeTests', { smokeTests: [] }],
    ['encryptionKey', { encryptionKey: 'alias/site' }],
    ['monitoring', { monitoring: 'operations@example.com' }],
    ['alertTopic', { alertTopic: 'arn:aws:sns:us-east-1:111111111111:operations' }],
    ['alertEmails', { alertEmails: 'operations@example.com' }],
  ])('a wrong type, as JavaScript lets it through: %s of %j', (prop, props) => {
    expect(refusal(props)).toMatch(new RegExp(`(${prop}|domainName|tests)[^]*\n {2}got: .+\n {2}allowed: .+\n {2}fix: .+`));
  });

  test('no props at all', () => {
    expect(() => new StaticCdnSite(newStack(), 'Site', undefined as unknown as StaticCdnSiteProps)).toThrow(/kind is missing/);
  });

  test('nothing is made before the props are judged', () => {
    const stack = newStack();
    expect(() => addSite(stack, { alternativeDomainNames: ['example.com'] })).toThrow(PlatformError);
    expect(stack.node.findChild('Site').node.children).toEqual([]);
  });

  test('a name that is only known at deployment is no reason', () => {
    const stack = newStack(VIRGINIA);
    const alternativeDomainNames = [Token.asString({ Ref: 'Name' })];
    addSite(stack, { domainName: 'www.example.com', alternativeDomainNames, certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE) });
    expect(configOf(Template.fromStack(stack)).Aliases).toEqual(['www.example.com', { Ref: 'Name' }]);
  });

  test('error pages beside an API, and what else a part refuses', () => {
    const api = SiteApi.httpsEndpoint('api.example.com');
    expect(refusal({ api, errorPages: [{ status: 404, path: '/404.html' }] })).toMatch(/error pages are for the whole distribution/);
    expect(refusal({ api, kind: SiteKind.multiPage(), errorPages: [{ status: 200, path: '/' }] })).toMatch(/errorPages status/);
    expect(refusal({ domainName: 'www.example.com' })).toMatch(/validated through a zone/);
  });

  function refusal(props: object): string {
    try {
      addSite(newStack(VIRGINIA), props);
    } catch (error) {
      expect(error).toBeInstanceOf(PlatformError);
      return (error as PlatformError).message;
    }
    throw new Error('nothing was refused');
  }
});
