import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { buildSite, environmentOf, SITE_MISTAKES, siteConfigurations } from './random-sites';
import { newStack, SITE_FOLDER, templatesOf } from './static-cdn-site-fixtures';

const SEED = 20261121;

test('100 random sites that a team could mean all synthesize, and their templates hold together', () => {
  fc.assert(fc.property(siteConfigurations, configuration => {
    const stack = newStack(environmentOf(configuration));
    buildSite(stack, configuration, SITE_FOLDER);
    const templates = templatesOf(stack);
    expect(Object.values(templates).flatMap(flaws)).toEqual([]);
    templates.Stack.resourceCountIs('AWS::CloudFront::Distribution', 1);
    expect(flawsOfDistribution(templates.Stack)).toEqual([]);
  }), { numRuns: 100, seed: SEED });
}, 120_000);

test('200 random sites with one mistake are all refused with what was got, what is allowed and what to do', () => {
  fc.assert(fc.property(siteConfigurations, fc.constantFrom(...SITE_MISTAKES), (sound, [name, spoil]) => {
    const spoilt = spoil(sound);
    const error = caught(() => buildSite(newStack(environmentOf(spoilt)), spoilt, SITE_FOLDER));
    expect({ mistake: name, name: error?.name, message: error?.message })
      .toEqual({ mistake: name, name: 'PlatformError', message: expect.stringMatching(/.+: .+\.\n {2}got: .+\n {2}allowed: .+\n {2}fix: .+/) });
  }), { numRuns: 200, seed: SEED });
}, 120_000);

test.each(SITE_MISTAKES)('%s is refused on its own', (_name, spoil) => {
  const [sound] = fc.sample(siteConfigurations, { numRuns: 1, seed: SEED });
  const spoilt = spoil(sound);
  expect(() => buildSite(newStack(environmentOf(spoilt)), spoilt, SITE_FOLDER)).toThrow(/got: .+\n {2}allowed: .+\n {2}fix: .+/);
});

test('what a template would be refused for is found', () => {
  const broken = Template.fromJSON({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: 'Nothing' }, Tags: [null] }, DependsOn: ['Gone'] },
      One: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::GetAtt': ['Two', 'TopicName'] } } },
      Two: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::Sub': '${One.TopicName}' } } },
    },
  }, { skipCyclicalDependenciesCheck: true });
  expect(flaws(broken)).toEqual(['Topic refers to Nothing', 'Topic depends on Gone', 'Topic has a null', 'One waits for itself']);
});

interface Resource {
  readonly Properties?: unknown;
  readonly DependsOn?: string | string[];
}

/** What CloudFormation would refuse: references to nothing, empty values, and resources that wait for each other. */
function flaws(template: Template): string[] {
  const { Resources = {}, Parameters = {}, Conditions = {} } = template.toJSON() as { [section: string]: { [id: string]: Resource } };
  const known = new Set([...Object.keys(Resources), ...Object.keys(Parameters), ...Object.keys(Conditions)]);
  const needs = new Map(Object.entries(Resources).map(([id, resource]) => [id, neededBy(resource)]));
  const found = Object.entries(Resources).flatMap(([id, resource]) => [
    ...references(resource.Properties).filter(needed => !known.has(needed)).map(needed => `${id} refers to ${needed}`),
    ...dependencies(resource).filter(needed => !known.has(needed)).map(needed => `${id} depends on ${needed}`),
    ...JSON.stringify(resource).match(/[[:,]null[\],}]/) ? [`${id} has a null`] : [],
  ]);
  const circle = [...needs.keys()].find(id => waitsFor(id, id, needs));
  return circle === undefined ? found : [...found, `${circle} waits for itself`];
}

function dependencies({ DependsOn = [] }: Resource): string[] {
  return typeof DependsOn === 'string' ? [DependsOn] : DependsOn;
}

function neededBy(resource: Resource): string[] {
  return [...references(resource.Properties), ...dependencies(resource)];
}

/** Logical ids that a value refers to, besides CloudFormation's own. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return inner.startsWith('AWS::') ? [] : [inner];
    if (key === 'Fn::GetAtt') return [Array.isArray(inner) ? inner[0] : String(inner).split('.')[0]];
    if (key === 'Fn::Sub') return inSub(Array.isArray(inner) ? inner[0] : inner);
    return references(inner);
  });
}

function inSub(text: string): string[] {
  return [...text.matchAll(/\$\{(?!!)(?!AWS::)([^.}]+)[^}]*\}/g)].map(([, id]) => id);
}

function waitsFor(from: string, target: string, needs: Map<string, string[]>, seen = new Set<string>()): boolean {
  return (needs.get(from) ?? []).some(next => {
    if (next === target) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return waitsFor(next, target, needs, seen);
  });
}

/** What CloudFront would refuse. */
function flawsOfDistribution(template: Template): string[] {
  const [{ Properties: { DistributionConfig: config } }] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
  const origins: string[] = config.Origins.map(({ Id }: { Id: string }) => Id);
  const behaviors: { TargetOriginId: string; PathPattern?: string }[] = [config.DefaultCacheBehavior, ...config.CacheBehaviors ?? []];
  const patterns = behaviors.map(({ PathPattern }) => PathPattern);
  return [
    ...behaviors.filter(({ TargetOriginId }) => !origins.includes(TargetOriginId)).map(({ TargetOriginId }) => `no origin ${TargetOriginId}`),
    ...new Set(origins).size === origins.length ? [] : ['two origins of one id'],
    ...new Set(patterns).size === patterns.length ? [] : ['two behaviours for one path'],
    ...Boolean(config.Aliases?.length) === Boolean(config.ViewerCertificate?.AcmCertificateArn) ? [] : ['names without a certificate'],
    ...config.Comment.length <= 128 ? [] : ['a comment that is too long'],
  ];
}

function caught(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
