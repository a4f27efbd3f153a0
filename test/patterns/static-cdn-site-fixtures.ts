import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { SiteKind, StaticCdnSite, StaticCdnSiteProps } from '../../src';

export const VIRGINIA: Environment = { account: '111111111111', region: 'us-east-1' };
export const FRANKFURT: Environment = { account: '111111111111', region: 'eu-central-1' };

const FOLDER = mkdtempSync(join(tmpdir(), 'static-cdn-site-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Folder with a built site. */
export const SITE_FOLDER = builtSite('site', 'app');

/** Folder with the same site, built again later. */
export const OTHER_FOLDER = builtSite('other', 'changed app');

function builtSite(name: string, script: string): string {
  const folder = join(FOLDER, name);
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<script src="/assets/index-BxY3dR9k.js">');
  writeFileSync(join(folder, 'assets/index-BxY3dR9k.js'), script);
  return folder;
}

/** A stack in an app of its own. Copying the same bundles for each app proves nothing. */
export function newStack(env?: Environment, id: string = 'Stack'): Stack {
  return new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false }), id, { env });
}

/** A zone that exists already. */
export function importedZone(stack: Stack, id: string = 'Zone'): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, id, { hostedZoneId: 'Z0123456789', zoneName: 'example.com' });
}

/** The pattern, with the props of a test. */
export function addSite(stack: Stack, props: Partial<StaticCdnSiteProps> = {}, id: string = 'Site'): StaticCdnSite {
  return new StaticCdnSite(stack, id, { kind: SiteKind.singlePageApp(), ...props });
}

/** The stacks of the app by their ids, and their templates. */
export function templatesOf(stack: Stack): { [id: string]: Template } {
  const stacks = stack.node.root.node.findAll().filter(Stack.isStack);
  return Object.fromEntries(stacks.map(each => [each.node.id, Template.fromStack(each)]));
}

/** How many resources there are of the types. */
export function counts(template: Template, ...types: string[]): number[] {
  return types.map(type => Object.keys(template.findResources(`AWS::${type}`)).length);
}

/** Properties of the only resource of a type. */
export function only(template: Template, type: string): any {
  const found = Object.values(template.findResources(`AWS::${type}`));
  expect(found).toHaveLength(1);
  return found[0].Properties;
}

/** What CloudFront was told. */
export function configOf(template: Template): any {
  return only(template, 'CloudFront::Distribution').DistributionConfig;
}
