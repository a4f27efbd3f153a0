import { BackupClient, ListBackupPlansCommand, ListBackupVaultsCommand } from '@aws-sdk/client-backup';
import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { CloudFormationClient, paginateListStackResources, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import {
  CognitoIdentityProviderClient, DescribeUserPoolClientCommand, DescribeUserPoolCommand, ListIdentityProvidersCommand, ListUserPoolClientsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListHealthChecksCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { PRODUCTION } from './arcade-world';
import { Checks } from './checks';
import { ACCOUNT, Emulator } from './emulator';

const RECOVERY_REGION = 'eu-west-1';

/** Asks for the parts of arcade in production that no visitor of its site sees. */
export class ArcadeReadBack {
  constructor(private readonly emulator: Emulator, private readonly checks: Checks) {}

  public async run(): Promise<void> {
    const resources = await this.resources();
    const idOf = (type: string, part: string) =>
      resources.find(({ ResourceType, LogicalResourceId }) => ResourceType === type && LogicalResourceId!.includes(part))!.PhysicalResourceId!;
    await this.signIn(idOf('AWS::Cognito::UserPool', 'Users'));
    await this.uploads(idOf('AWS::S3::Bucket', 'UploadsBucket'));
    await this.entry();
    await this.recovery();
    await this.watching();
  }

  private async resources(): Promise<StackResourceSummary[]> {
    const found: StackResourceSummary[] = [];
    const client = new CloudFormationClient(this.emulator.clientSettings);
    for await (const page of paginateListStackResources({ client }, { StackName: PRODUCTION })) found.push(...page.StackResourceSummaries ?? []);
    return found;
  }

  private async signIn(UserPoolId: string): Promise<void> {
    const client = new CognitoIdentityProviderClient(this.emulator.clientSettings);
    const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }));
    this.checks.check('sign-in has a name of its own', UserPool?.CustomDomain === 'auth.arcade.example.com', UserPool?.CustomDomain);
    this.checks.check('the users of production cannot be deleted', UserPool?.DeletionProtection === 'ACTIVE', UserPool?.DeletionProtection);
    const { Providers = [] } = await client.send(new ListIdentityProvidersCommand({ UserPoolId }));
    this.checks.check('users sign in with Google', Providers.some(({ ProviderType }) => ProviderType === 'Google'), Providers);
    const { UserPoolClients: [first] = [] } = await client.send(new ListUserPoolClientsCommand({ UserPoolId }));
    const { UserPoolClient: site } = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId: first.ClientId }));
    this.checks.check('and come back to the site', site?.CallbackURLs?.join() === 'https://arcade.example.com/callback', site?.CallbackURLs);
    this.checks.check("the site's client has no secret", site?.ClientSecret === undefined, 'a secret');
  }

  private async uploads(Bucket: string): Promise<void> {
    const client = new S3Client({ ...this.emulator.clientSettings, forcePathStyle: true });
    const { CORSRules: [rule] = [] } = await client.send(new GetBucketCorsCommand({ Bucket }));
    this.checks.check('the pages of the site may upload, and no others', rule?.AllowedOrigins?.join() === 'https://arcade.example.com', rule);
  }

  private async entry(): Promise<void> {
    const { LoadBalancers = [] } = await new ElasticLoadBalancingV2Client(this.emulator.clientSettings).send(new DescribeLoadBalancersCommand({}));
    this.checks.check('the load balancer is private', LoadBalancers.every(({ Scheme }) => Scheme === 'internal'), LoadBalancers.map(({ Scheme }) => Scheme));
  }

  private async recovery(): Promise<void> {
    const there = new BackupClient({ ...this.emulator.clientSettings, region: RECOVERY_REGION });
    const { BackupVaultList: copies = [] } = await there.send(new ListBackupVaultsCommand({}));
    const { BackupPlansList: plans = [] } = await new BackupClient(this.emulator.clientSettings).send(new ListBackupPlansCommand({}));
    this.checks.check('backups are copied to the recovery region', copies.length === 1, copies);
    this.checks.check('the database and the uploads have a plan each', plans.length === 2, plans);
  }

  private async watching(): Promise<void> {
    const { HealthChecks = [] } = await new Route53Client(this.emulator.clientSettings).send(new ListHealthChecksCommand({}));
    const names = HealthChecks.map(({ HealthCheckConfig }) => HealthCheckConfig?.FullyQualifiedDomainName);
    this.checks.check('the platform is asked from around the world', names.join() === 'arcade.example.com', names);
    const { Budgets = [] } = await new BudgetsClient(this.emulator.clientSettings).send(new DescribeBudgetsCommand({ AccountId: ACCOUNT }));
    this.checks.check('its budget is what arcade says', Budgets.map(({ BudgetLimit }) => Number(BudgetLimit?.Amount)).join() === '700', Budgets);
  }
}
