import type { AssemblyResource } from './assembly';
import type { Tone } from './document';

/** How data is encrypted at rest. */
export interface Encryption {
  readonly key: 'own key' | 'AWS key' | 'not encrypted' | 'decided elsewhere';
  readonly tone: Tone;
  /** How it is encrypted on its way, where the resource decides on that. */
  readonly inTransit?: string;
}

const OWN: Encryption = { key: 'own key', tone: 'good' };
const AWS: Encryption = { key: 'AWS key', tone: 'good' };
const NONE: Encryption = { key: 'not encrypted', tone: 'danger' };

function by(key: unknown, otherwise = AWS): Encryption {
  return key === undefined || key === false ? otherwise : OWN;
}

type Rule = (properties: { readonly [name: string]: any }) => Encryption;

/** What services do where the template is silent is on the page of each property: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ */
const RULES: { readonly [type: string]: Rule } = {
  'AWS::Backup::BackupVault': ({ EncryptionKeyArn: key }) => by(key),
  'AWS::DynamoDB::GlobalTable': ({ SSESpecification: encryption }) => encryption?.SSEEnabled === true ? OWN : AWS,
  'AWS::DynamoDB::Table': ({ SSESpecification: encryption }) => by(encryption?.KMSMasterKeyId),
  'AWS::ECR::Repository': ({ EncryptionConfiguration: encryption }) => by(encryption?.KmsKey),
  'AWS::EFS::FileSystem': ({ Encrypted: encrypted, KmsKeyId: key }) => encrypted === true ? by(key) : NONE,
  'AWS::ElastiCache::ReplicationGroup': ({ AtRestEncryptionEnabled: encrypted, KmsKeyId: key, TransitEncryptionEnabled: transit }) =>
    ({ ...encrypted === true ? by(key) : NONE, inTransit: transit === true ? 'TLS' : 'not encrypted' }),
  'AWS::ElastiCache::ServerlessCache': ({ KmsKeyId: key }) => ({ ...by(key), inTransit: 'TLS' }),
  'AWS::Kinesis::Stream': ({ StreamEncryption: encryption }) => encryption ? by(encryption.KeyId === 'alias/aws/kinesis' ? undefined : encryption.KeyId) : NONE,
  'AWS::Logs::LogGroup': ({ KmsKeyId: key }) => by(key),
  'AWS::OpenSearchService::Domain': ({ EncryptionAtRestOptions: encryption, DomainEndpointOptions: endpoint }) =>
    ({ ...encryption?.Enabled === true ? by(encryption.KmsKeyId) : NONE, inTransit: endpoint?.EnforceHTTPS === true ? 'HTTPS only' : 'not enforced' }),
  'AWS::RDS::DBCluster': ({ StorageEncrypted: encrypted, KmsKeyId: key }) => encrypted === true ? by(key) : NONE,
  'AWS::RDS::DBInstance': ({ StorageEncrypted: encrypted, KmsKeyId: key, DBClusterIdentifier: cluster }) =>
    cluster !== undefined ? { key: 'decided elsewhere', tone: 'good' } : encrypted === true ? by(key) : NONE,
  'AWS::RDS::DBProxy': ({ RequireTLS: tls }) => ({ key: 'decided elsewhere', tone: 'good', inTransit: tls === true ? 'TLS only' : 'not enforced' }),
  // S3 encrypts every new object since 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
  'AWS::S3::Bucket': ({ BucketEncryption: encryption }) => by(encryption?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault?.KMSMasterKeyID),
  'AWS::SNS::Topic': ({ KmsMasterKeyId: key }) => key === undefined ? NONE : by(key === 'alias/aws/sns' ? undefined : key),
  'AWS::SQS::Queue': ({ KmsMasterKeyId: key, SqsManagedSseEnabled: managed }) => key === undefined && managed === false ? NONE : by(key === 'alias/aws/sqs' ? undefined : key),
  'AWS::SecretsManager::Secret': ({ KmsKeyId: key }) => by(key),
};

/** How a resource encrypts; undefined of what keeps nothing. */
export function encryptionOf({ type, properties }: AssemblyResource): Encryption | undefined {
  return RULES[type]?.(properties);
}
