import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { templateOf } from './example';
import { RealtecheeStack } from '../../examples/realtechee/realtechee-stack';
import { RpgStack } from '../../examples/rpg/rpg-stack';

const EXAMPLES: { [name: string]: () => Template } = {
  realtechee: () => templateOf('realtechee', app => new RealtecheeStack(app, 'Realtechee')),
  rpg: () => templateOf('rpg', app => new RpgStack(app, 'Rpg', { domainName: 'rpg.example.com', productionTable: 'rpg-production' })),
};

/** Resources of policies that end in a wildcard. Each has its reason for auditors beside it in the code. */
const ofApp = (app: string) => [
  `amplify apps/<${app}.AppId>/branches/*`,
  'logs log-group:*',
  'logs log-group:/aws/amplify/*',
  `ssm parameter/amplify/<${app}.AppId>/*`,
  `ssm parameter/amplify/shared/<${app}.AppId>/*`,
  `ssm parameter/cdk-web-platform/amplify/<${app}.AppId>/*`,
];
const WILDCARDS: { [name: string]: string[] } = {
  realtechee: ofApp('WebAppC92FD1F5'),
  rpg: [
    '<ProductionAudioBucketDA51FDA8.Arn>/*',
    '<StagingAudioBucket8A44466E.Arn>/*',
    ...ofApp('GameApp01726CAA'),
  ],
};

interface Statement {
  readonly Action: string | string[];
  readonly Resource?: unknown;
}

/** Resources, with what they wait for in one order. */
function resourcesOf(template: Template): object {
  const resources: { [id: string]: { DependsOn?: string[] } } = template.toJSON().Resources;
  for (const { DependsOn } of Object.values(resources)) DependsOn?.sort();
  return resources;
}

/** A resource without what all have in front; references are in angle brackets. */
function inWords(resource: unknown): string {
  const text = (part: unknown): string => {
    if (typeof part === 'string') return part;
    const [[kind, value]] = Object.entries(part as object);
    return kind === 'Fn::Join' ? value[1].map(text).join('') : `<${[value].flat().join('.')}>`;
  };
  return text(resource).replace(/^arn:<AWS::Partition>:/, '').replace(':<AWS::Region>:<AWS::AccountId>:', ' ');
}

/** All statements of roles' policies. */
function statementsIn(template: Template): Statement[] {
  const policies = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].flatMap(type => Object.values(template.findResources(type)));
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

describe.each(Object.keys(EXAMPLES))('%s', name => {
  const template = EXAMPLES[name]();

  test('its template is one that CloudFormation’s own schema of resources reads and writes unchanged', () => {
    const folder = mkdtempSync(join(tmpdir(), 'included-'));
    try {
      const templateFile = join(folder, 'template.json');
      writeFileSync(templateFile, JSON.stringify(template.toJSON()));
      // What the template says of the bootstrap's version is in it already.
      const stack = new Stack(new App(), 'Included', { synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) });
      new CfnInclude(stack, 'Template', { templateFile });
      expect(resourcesOf(Template.fromStack(stack))).toEqual(resourcesOf(template));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('no statement of a policy is about all resources', () => {
    const all = statementsIn(template);
    expect(all.length).toBeGreaterThan(8);
    expect(all.filter(({ Resource }) => [Resource].flat().includes('*'))).toEqual([]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('these end in a wildcard, and no others', () => {
    const wild = statementsIn(template).flatMap(({ Resource }) => [Resource].flat().map(inWords).filter(resource => resource.includes('*')));
    expect([...new Set(wild)].sort()).toEqual(WILDCARDS[name]);
  });
});
