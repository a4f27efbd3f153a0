import type { AssemblyResource } from './assembly';
import type { Tone } from './document';
import type { ReportEnvironment } from './environments';
import type { ResourceIndex } from './references';
import { INTERNET, type TrafficRule } from './security-groups';

/** Something that anybody can reach, and what stands before it. */
export interface Exposure {
  readonly resource: AssemblyResource;
  readonly how: string;
  readonly tone: Tone;
}

/** What is public by what the templates say. Policies with conditions are taken for private. */
export function exposuresOf({ resources }: ReportEnvironment, rules: readonly TrafficRule[], index: ResourceIndex): Exposure[] {
  const found: Exposure[] = [];
  for (const resource of resources) {
    for (const [how, tone] of exposureOf(resource, resources, index)) found.push({ resource, how, tone });
  }
  for (const { group, outside, ports, into } of rules) {
    if (into && outside === INTERNET) found.push({ resource: group, how: `Lets everybody in on ${ports === 'everything' ? 'every port' : `port ${ports}`}`, tone: ['80', '443'].includes(ports) ? 'attention' : 'danger' });
  }
  return found;
}

function exposureOf(resource: AssemblyResource, resources: readonly AssemblyResource[], index: ResourceIndex): [string, Tone][] {
  const { type, properties } = resource;
  switch (type) {
    case 'AWS::CloudFront::Distribution': {
      const firewall = properties.DistributionConfig?.WebACLId !== undefined;
      return [[`Serves ${[properties.DistributionConfig?.Aliases ?? []].flat().filter((name: unknown) => typeof name === 'string').join(', ') || 'its CloudFront name'}, ${firewall ? 'behind a firewall' : 'without a firewall'}`, firewall ? 'good' : 'attention']];
    }
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer': {
      if (properties.Scheme === 'internal') return [];
      const firewall = resources.some(each => each.type === 'AWS::WAFv2::WebACLAssociation' && index.referencesOf(each).includes(resource));
      return [[`Has public addresses, ${firewall ? 'behind a firewall' : 'without a firewall'}`, firewall ? 'good' : 'attention']];
    }
    case 'AWS::S3::Bucket': {
      const block = properties.PublicAccessBlockConfiguration ?? {};
      const open = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].filter(name => block[name] !== true && block[name] !== 'true');
      return open.length === 0 ? [] : [[`May be made public: ${open.join(', ')} not set in the template`, 'attention']];
    }
    case 'AWS::S3::BucketPolicy':
    case 'AWS::SNS::TopicPolicy':
    case 'AWS::SQS::QueuePolicy':
      return isOpen(properties.PolicyDocument) ? [['Its policy lets everybody in', 'danger']] : [];
    case 'AWS::RDS::DBInstance':
      return properties.PubliclyAccessible === true ? [['Has a public address', 'danger']] : [];
    case 'AWS::ECS::Service':
      return properties.NetworkConfiguration?.AwsvpcConfiguration?.AssignPublicIp === 'ENABLED' ? [['Its tasks have public addresses', 'attention']] : [];
    case 'AWS::Lambda::Url':
      return properties.AuthType === 'NONE' ? [['Answers everybody', 'attention']] : [];
    case 'AWS::OpenSearchService::Domain':
      return properties.VPCOptions ? [] : [['Has a public endpoint; its access policy decides', 'attention']];
    case 'AWS::Amplify::App':
      return [['Serves its branches to everybody, or asks for a password', 'attention']];
    case 'AWS::ApiGateway::RestApi':
    case 'AWS::ApiGatewayV2::Api':
    case 'AWS::AppSync::GraphQLApi':
      return [['Answers whoever its authorizers let in', 'attention']];
    case 'AWS::Cognito::UserPoolDomain':
      return [['Shows the sign-in pages', 'good']];
    default:
      return [];
  }
}

/** Whether everybody may do something, without any condition. */
function isOpen(document: unknown): boolean {
  const given = (document as { Statement?: unknown } | undefined)?.Statement ?? [];
  const statements = [given].flat() as { Effect?: string; Principal?: unknown; Condition?: unknown }[];
  return statements.some(({ Effect: effect, Principal: principal, Condition: condition }) => effect === 'Allow' && !condition
    && (principal === '*' || (principal as { AWS?: unknown } | undefined)?.AWS === '*'));
}
