import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient, DescribeKeyValueStoreCommand, GetDistributionCommand, ListKeyValueStoresCommand } from '@aws-sdk/client-cloudfront';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ACCOUNT, Emulator, REGION } from '../emulator';
import { KeyValues } from './edge-function';
import { Reference, Resolve, Template } from './template';

const PSEUDO_PARAMETERS: { readonly [name: string]: string } = {
  'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws', 'AWS::Region': REGION, 'AWS::URLSuffix': 'amazonaws.com',
};

/** Answers references of a template with what was deployed from it. @param others for what this one does not know */
export async function deployedReferences(emulator: Emulator, stack: string, template: Template, others?: Resolve): Promise<Resolve> {
  const client = new CloudFormationClient(emulator.clientSettings);
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: stack }));
  const ids = new Map(StackResources.map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId!, PhysicalResourceId!]));
  return async (reference: Reference) => {
    const name = reference.Ref as string | undefined;
    if (name !== undefined && (name in PSEUDO_PARAMETERS || ids.has(name))) {
      return PSEUDO_PARAMETERS[name] ?? ids.get(name)!;
    }
    const [logicalId, attribute] = (reference['Fn::GetAtt'] ?? []) as string[];
    const known = await attributeOf(emulator, template.Resources[logicalId]?.Type, ids.get(logicalId) ?? '', attribute);
    if (known !== undefined) {
      return known;
    }
    if (!others) {
      throw new Error(`nothing answers ${JSON.stringify(reference)} of ${stack}`);
    }
    return others(reference);
  };
}

/** Reads values of a key value store from the emulator. @param arn of the store; @default the only store there is */
export async function deployedKeyValues(emulator: Emulator, arn?: string): Promise<KeyValues> {
  const found = arn ?? await onlyStore(emulator);
  return async (key) => {
    const address = `${emulator.environment.AWS_ENDPOINT_URL}/key-value-stores/${encodeURIComponent(found)}/keys/${encodeURIComponent(key)}`;
    const response = await fetch(address, { headers: { authorization: authorization('cloudfront-keyvaluestore') } });
    if (response.status === 404) {
      return undefined;
    }
    if (!response.ok) {
      throw new Error(`the key value store answers ${response.status}: ${await response.text()}`);
    }
    return (await response.json() as { Value: string }).Value;
  };
}

async function attributeOf(emulator: Emulator, type: string | undefined, id: string, attribute: string): Promise<string | undefined> {
  switch (`${type}.${attribute}`) {
    case 'AWS::CloudFront::Distribution.DomainName': {
      const { Distribution } = await new CloudFrontClient(emulator.clientSettings).send(new GetDistributionCommand({ Id: id }));
      return Distribution?.DomainName;
    }
    case 'AWS::CloudFront::Distribution.Id': return id;
    case 'AWS::CloudFront::KeyValueStore.Arn': return (await storeNamed(emulator, id)).ARN;
    case 'AWS::CloudFront::KeyValueStore.Id': return (await storeNamed(emulator, id)).Id;
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName': {
      const client = new ElasticLoadBalancingV2Client(emulator.clientSettings);
      return (await client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [id] }))).LoadBalancers?.[0].DNSName;
    }
    case 'AWS::S3::Bucket.Arn': return `arn:aws:s3:::${id}`;
    case 'AWS::S3::Bucket.RegionalDomainName': return `${id}.s3.${REGION}.amazonaws.com`;
    default: return undefined;
  }
}

async function storeNamed(emulator: Emulator, name: string) {
  const { KeyValueStore } = await new CloudFrontClient(emulator.clientSettings).send(new DescribeKeyValueStoreCommand({ Name: name }));
  return KeyValueStore!;
}

async function onlyStore(emulator: Emulator): Promise<string> {
  const { KeyValueStoreList } = await new CloudFrontClient(emulator.clientSettings).send(new ListKeyValueStoresCommand({}));
  const [store, ...more] = KeyValueStoreList?.Items ?? [];
  if (!store || more.length > 0) {
    throw new Error(`there are ${more.length + (store ? 1 : 0)} key value stores: say which one`);
  }
  return store.ARN!;
}

/** The emulator takes the account and the service from it, and checks no signature. */
function authorization(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=${ACCOUNT}/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}
