import { ArcadeWorld, Part } from './arcade-world';
import { Checks } from './checks';

/** What has a state of its own, or an address that others know. */
const KEPT = [
  'AWS::RDS::DBInstance', 'AWS::ElastiCache::ReplicationGroup', 'AWS::OpenSearchService::Domain', 'AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::KMS::Key',
  'AWS::SecretsManager::Secret', 'AWS::Cognito::UserPool', 'AWS::Cognito::UserPoolClient', 'AWS::ECR::Repository', 'AWS::Logs::LogGroup',
  'AWS::EC2::VPC', 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::CloudFront::Distribution', 'AWS::ECS::Service',
];

/** Production gets uploads, then search, then its recovery; nothing that was there is replaced. */
export class ArcadeUpdates {
  constructor(private readonly world: ArcadeWorld, private readonly checks: Checks) {}

  public async run(): Promise<void> {
    await this.add('uploads', 'AWS::S3::Bucket', 'UploadsImages');
    await this.add('search', 'AWS::OpenSearchService::Domain', 'Search');
    await this.add('recovery', 'AWS::Backup::BackupVault', 'Recovery');
  }

  private async add(part: Part, type: string, newcomer: string): Promise<void> {
    const before = await this.kept();
    await this.checks.step(`adding ${part}`, () => this.world.add(part));
    const after = await this.kept();
    const changed = [...before].filter(([logicalId, physicalId]) => after.get(logicalId) !== physicalId);
    this.checks.check(`${part} come: none of ${before.size} resources with a state or an address is replaced`, before.size > 20 && changed.length === 0, changed);
    this.checks.check(`${part} are there`, Boolean(await this.world.find(type, newcomer)), part);
  }

  private async kept(): Promise<Map<string, string>> {
    const resources = await this.world.resources();
    return new Map(resources.filter(({ ResourceType }) => KEPT.includes(ResourceType!))
      .map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId!, PhysicalResourceId!]));
  }
}
