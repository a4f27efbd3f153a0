import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EnvironmentProfile } from '../environment';

/** An index that deployments look after: its template, and an alias of its name that searches go to. */
export interface SearchIndex {
  /**
   * Name that applications search: lower-case letters, digits and underscores, a letter first, at most 40 characters.
   * What holds the documents is called `<name>-<time>` and changes with each re-index.
   */
  readonly name: string;
  /**
   * Mappings, as OpenSearch takes them: `{ properties: { title: { type: 'text' } } }`. A change applies from the next re-index on.
   * @default - OpenSearch guesses the types of fields from the first documents
   */
  readonly mappings?: { readonly [name: string]: unknown };
  /**
   * Settings such as `{ 'index.number_of_shards': 2, analysis: { … } }`. A change applies from the next re-index on.
   * @default - one shard, slow searches and writes logged
   */
  readonly settings?: { readonly [name: string]: unknown };
}

/** What is searched, and how large it is. */
export interface SearchDomainOptions {
  /**
   * Version of OpenSearch, such as `2.19`. A later one is an upgrade in place; there is no way back.
   * @default '2.19'
   */
  readonly engineVersion?: string;
  /**
   * Instance type of the data nodes, such as `m7g.medium.search`.
   * @default - the profile's
   */
  readonly instanceType?: string;
  /**
   * Data nodes, 1 to 80: one, a multiple of two over two zones, or a multiple of three over three.
   * @default - the profile's
   */
  readonly dataNodes?: number;
  /**
   * Whether three further nodes only keep the cluster together, so that heavy searches cannot unsettle it.
   * @default - the profile's
   */
  readonly dedicatedMasters?: boolean;
  /**
   * Instance type of dedicated master nodes.
   * @default 'm7g.medium.search'
   */
  readonly masterInstanceType?: string;
  /**
   * Storage of each data node (gp3), in GiB, 10 to 24576.
   * @default 20
   */
  readonly storageGiB?: number;
  /**
   * Indexes that deployments look after. One that is removed from the list stays in the domain.
   * @default - none
   */
  readonly indexes?: SearchIndex[];
}

/** Properties of a `SearchDomain`. */
export interface SearchDomainProps extends SearchDomainOptions {
  /** Network of the domain. */
  readonly vpc: ec2.IVpc;
  /**
   * Subnets of the domain, in as many zones as it has.
   * @default - the isolated subnets where there are any, otherwise the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Subnets of the function that puts templates in place. It must reach the domain, and S3 for its answer to CloudFormation.
   * @default - the private subnets with a way to the internet if the VPC has them, else the domain's
   */
  readonly functionSubnets?: ec2.SubnetSelection;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key that encrypts data and logs. CloudWatch Logs must be allowed to use it. Changing it would replace the domain, which its fixed name prevents.
   * @default - AWS's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Days that logs are kept, one of CloudWatch's steps.
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
  /**
   * What happens to the domain when it is removed from the stack: DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE.
   * @default - the profile's; where that is SNAPSHOT the domain goes, because CloudFormation takes no snapshot of one
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
