import { BackupClient, ListBackupPlansCommand, ListBackupVaultsCommand } from '@aws-sdk/client-backup';
import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import {
  CognitoIdentityProviderClient, DescribeUserPoolClientCommand, DescribeUserPoolCommand, ListIdentityProvidersCommand, ListUserPoolClientsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListHealthChecksCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetBucketCorsCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ArcadeWorld } from './arcade-world';
import { Checks } from './checks';
import { ACCOUNT, Emulator } from './emulator';

const RECOVERY_REGION = 'eu-west-1';

/** Asks for the parts of arcade in production that no visitor of its site sees. */
export class ArcadeReadBack {
  constructor(private readonly emulator: Emulator, private readonly world: ArcadeWorld, private readonly checks: Checks) {}

  public async run(): Promise<void> {
    await this.signIn(await this.world.find('AWS::Cognito::UserPool', 'Users'));
    await this.uploads(await this.world.find('AWS::S3::Bucket', 'PlatformUploadsBucket'));
    await this.entry();
    await this.recovery();
    await this.watching();
  }

  /** Nothing that people would miss goes with the stack. */
  public async destroy(): Promise<void> {
    const { emulator: { clientSettings, dataPlane }, world } = this;
    const [UserPoolId, Bucket, DBInstanceIdentifier, domain] = [
      await world.find('AWS::Cognito::UserPool', 'Users'), await world.find('AWS::S3::Bucket', 'PlatformUploadsBucket'),
      await world.find('AWS::RDS::DBInstance', 'Database'), await world.find('AWS::OpenSearchService::Domain', 'Search'),
    ];
    await world.destroy();
    const kept = async (what: string, asked: Promise<unknown>) => this.checks.check(`${what} outlive the stack`, await asked.then(() => true, () => false), what);
    await kept('users', new CognitoIdentityProviderClient(clientSettings).send(new DescribeUserPoolCommand({ UserPoolId })));
    await kept('uploads', new S3Client({ ...clientSettings, forcePathStyle: true }).send(new HeadBucketCommand({ Bucket })));
    await kept('data', new RDSClient(clientSettings).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })));
    this.checks.check('what is searched outlives the stack', dataPlane.searches.has(domain), [...dataPlane.searches.keys()]);
    const left = await world.resources().then(resources => resources.filter(({ ResourceStatus }) => !/^DELETE_/.test(ResourceStatus!)), () => []);
    this.checks.check('everything else is gone', left.length === 0, left);
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
