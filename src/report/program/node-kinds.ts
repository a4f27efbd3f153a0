import type { AssemblyResource } from './assembly';

/** How something is drawn. */
export enum Shape {
  /** Where visitors come in. */
  DOOR = 'door',
  COMPUTE = 'compute',
  /** What keeps data. */
  STORE = 'store',
  QUEUE = 'queue',
  NETWORK = 'network',
  /** What is no resource of the app: the internet, address ranges. */
  OUTSIDE = 'outside',
}

export interface NodeKind {
  readonly label: string;
  readonly shape: Shape;
}

const KINDS: { readonly [shape in Shape]?: { readonly [type: string]: string } } = {
  [Shape.DOOR]: {
    'AWS::Amplify::App': 'Amplify app',
    'AWS::ApiGateway::RestApi': 'API',
    'AWS::ApiGatewayV2::Api': 'API',
    'AWS::AppSync::GraphQLApi': 'GraphQL API',
    'AWS::CloudFront::Distribution': 'CloudFront',
    'AWS::ElasticLoadBalancingV2::LoadBalancer': 'Load balancer',
  },
  [Shape.COMPUTE]: {
    'AWS::AutoScaling::AutoScalingGroup': 'Instances',
    'AWS::CodeBuild::Project': 'Build',
    'AWS::EC2::Instance': 'Instance',
    'AWS::ECS::Service': 'Service',
    'AWS::ECS::TaskDefinition': 'Task',
    'AWS::EKS::Cluster': 'Kubernetes',
    'AWS::Lambda::Function': 'Function',
    'AWS::RDS::DBProxy': 'Database proxy',
    'AWS::StepFunctions::StateMachine': 'State machine',
    'AWS::Synthetics::Canary': 'Canary',
  },
  [Shape.STORE]: {
    'AWS::Backup::BackupVault': 'Backups',
    'AWS::Cognito::UserPool': 'Users',
    'AWS::DynamoDB::GlobalTable': 'DynamoDB',
    'AWS::DynamoDB::Table': 'DynamoDB',
    'AWS::ECR::Repository': 'Images',
    'AWS::EFS::FileSystem': 'Files (EFS)',
    'AWS::ElastiCache::CacheCluster': 'Cache',
    'AWS::ElastiCache::ReplicationGroup': 'Cache',
    'AWS::ElastiCache::ServerlessCache': 'Cache',
    'AWS::OpenSearchService::Domain': 'OpenSearch',
    'AWS::RDS::DBCluster': 'Database cluster',
    'AWS::RDS::DBInstance': 'Database',
    'AWS::S3::Bucket': 'Bucket',
  },
  [Shape.QUEUE]: {
    'AWS::Events::EventBus': 'Event bus',
    'AWS::Kinesis::Stream': 'Stream',
    'AWS::SNS::Topic': 'Topic',
    'AWS::SQS::Queue': 'Queue',
  },
  [Shape.NETWORK]: {
    'AWS::EC2::NatGateway': 'NAT gateway',
    'AWS::EC2::VPCEndpoint': 'VPC endpoint',
  },
};

const BY_TYPE = new Map(Object.entries(KINDS).flatMap(([shape, types]) => Object.entries(types)
  .map(([type, label]): [string, NodeKind] => [type, { label, shape: shape as Shape }])));

const ENGINES: { readonly [engine: string]: string } = { 'postgres': 'PostgreSQL', 'aurora-postgresql': 'Aurora PostgreSQL', 'mysql': 'MySQL', 'aurora-mysql': 'Aurora MySQL', 'valkey': 'Valkey', 'redis': 'Redis' };

/** How a resource is drawn; undefined where it is only part of another, or nothing that traffic or data comes to. */
export function kindOf({ type, properties }: AssemblyResource): NodeKind | undefined {
  const kind = BY_TYPE.get(type);
  const engine = kind?.shape === Shape.STORE && ENGINES[String(properties.Engine)];
  if (kind && engine) return { ...kind, label: `${engine}${properties.MultiAZ === true ? ', two zones' : ''}` };
  return kind;
}
