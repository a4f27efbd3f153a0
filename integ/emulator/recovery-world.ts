import { BackupClient } from '@aws-sdk/client-backup';
import { CloudFormationClient, GetTemplateCommand, paginateListStackResources, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import { CdkCli } from './cdk';
import { Emulator } from './emulator';

export const RECOVERY_REGION = 'eu-west-1';

/** What a shop is stood up from. */
export interface Recovered {
  readonly database: string;
  readonly bucket: string;
  readonly key: string;
  readonly table: string;
}

/** A region of the emulated account. */
export class Region {
  public readonly backup: BackupClient;
  public readonly rds: RDSClient;
  public readonly s3: S3Client;
  public readonly dynamodb: DynamoDBClient;
  public readonly events: EventBridgeClient;
  private readonly cloudFormation: CloudFormationClient;
  private readonly secrets: SecretsManagerClient;

  constructor(emulator: Emulator, public readonly name: string) {
    const settings = { ...emulator.clientSettings, region: name };
    this.backup = new BackupClient(settings);
    this.rds = new RDSClient(settings);
    this.s3 = new S3Client({ ...settings, forcePathStyle: true });
    this.dynamodb = new DynamoDBClient(settings);
    this.events = new EventBridgeClient(settings);
    this.cloudFormation = new CloudFormationClient(settings);
    this.secrets = new SecretsManagerClient(settings);
  }

  public async resources(stackName: string): Promise<StackResourceSummary[]> {
    const found: StackResourceSummary[] = [];
    for await (const { StackResourceSummaries } of paginateListStackResources({ client: this.cloudFormation }, { StackName: stackName })) {
      found.push(...StackResourceSummaries ?? []);
    }
    return found;
  }

  /** Physical id of the one resource of a type whose logical id begins so. */
  public async find(stackName: string, type: string, beginning: string = ''): Promise<string> {
    const found = (await this.resources(stackName)).filter(each => each.ResourceType === type && each.LogicalResourceId!.startsWith(beginning));
    if (found.length !== 1) throw new Error(`${found.length} of ${type} in ${stackName} begin with "${beginning}"`);
    return found[0].PhysicalResourceId!;
  }

  /** The procedure that the app wrote about itself. */
  public async procedure(stackName: string): Promise<string> {
    const { TemplateBody } = await this.cloudFormation.send(new GetTemplateCommand({ StackName: stackName }));
    return JSON.parse(TemplateBody!).Metadata.procedure;
  }

  /** A connection with the login that services get, over TLS. */
  public async connect(stackName: string): Promise<Client> {
    const secretId = await this.find(stackName, 'AWS::SecretsManager::Secret', 'DatabaseApplicationSecret');
    const { SecretString } = await this.secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
    const { host, port, dbname, username, password } = JSON.parse(SecretString!);
    const client = new Client({ host, port: Number(port), database: dbname, user: username, password, ssl: { rejectUnauthorized: false } });
    await client.connect();
    return client;
  }

  /** A connection with the login of the owner of all tables. */
  public async connectAsOwner(stackName: string): Promise<Client> {
    const secretId = await this.find(stackName, 'AWS::SecretsManager::Secret', 'DatabaseOwnerSecret');
    const { SecretString } = await this.secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
    const client = new Client({ connectionString: JSON.parse(SecretString!).url.replace(/\?.*/, ''), ssl: { rejectUnauthorized: false } });
    await client.connect();
    return client;
  }
}

export function shopCli(emulator: Emulator): CdkCli {
  return new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/recovery-app.ts');
}
