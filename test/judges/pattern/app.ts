/* Each pattern by itself in each profile, as a team's first stack has it. */
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AccountSecurity, AccountService, AmplifyFramework, AmplifyMultiBranchApp, AppBucket, AppTable, BranchBackend, BranchVariable, ConfigRules,
  DeliveryRoles, EncryptionKey, EnvironmentProfile, FargateApiWithRds, ImageRegistry, ImageUploads, PostgresDatabase, Recovery,
  SearchDomain, SearchIngestion, SignInDomain, SignInProvider, SiteKind, StaticCdnSite, UserDirectory, WebNetwork,
} from 'cdk-web-platform';

const app = new App();

const zone = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' };

const siteProps = (scope: Stack, name: string) => ({
  profile: EnvironmentProfile.fromName(name),
  kind: SiteKind.multiPage(),
  domainName: 'www.example.com',
  alternativeDomainNames: ['example.com'],
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', zone),
});

for (const name of ['development', 'staging', 'production']) {
  const profile = EnvironmentProfile.fromName(name);
  const stack = new Stack(app, `pattern-${name}`);
  new FargateApiWithRds(stack, 'Api', {
    profile,
    image: ecs.ContainerImage.fromRegistry('example/api'),
    containerPort: 8080,
    domainName: 'api.example.com',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', zone),
  });

  // What its peers make too; and with the folder's releases, which none of them has.
  const site = new Stack(app, `site-${name}`, { env: { region: 'us-east-1' } });
  new StaticCdnSite(site, 'Site', siteProps(site, name));
  const published = new Stack(app, `published-site-${name}`, { env: { region: 'us-east-1' } });
  new StaticCdnSite(published, 'Site', { ...siteProps(published, name), directory: join(__dirname, 'site') });

  const people = new Stack(app, `directory-${name}`);
  const users = new UserDirectory(people, 'Users', {
    profile,
    domain: SignInDomain.prefix(`shop-${name}`),
    providers: [SignInProvider.google({ clientId: 'shop', clientSecret: secretsmanager.Secret.fromSecretNameV2(people, 'Google', 'shop/google') })],
  });
  users.addBrowserClient('Web', { callbackUrls: ['https://www.example.com/callback'] });
  users.addServerClient('Api', { callbackUrls: ['https://api.example.com/callback'] });

  addAccount(name, profile);
  addRecovery(name, profile);
  addSearch(name, profile);
  addUploads(name, profile);
  addDelivery(name, profile);

  new AmplifyMultiBranchApp(new Stack(app, `amplify-${name}`), 'Web', {
    profile,
    framework: AmplifyFramework.nextJs(),
    branches: {
      main: { backend: BranchBackend.own(), variables: { GRAPHQL_URL: BranchVariable.value('https://main.example.com') } },
      staging: { backend: BranchBackend.sharedWith('main') },
      production: { backend: BranchBackend.own() },
    },
  });
}


function addAccount(name: string, profile: EnvironmentProfile): void {
  const stack = new Stack(app, `account-${name}`, { env: { region: 'us-east-1' } });
  const { NEW } = AccountService;
  const accountSecurity = new AccountSecurity(stack, 'Account', {
    profile,
    encryptionKey: new EncryptionKey(stack, 'Key').key,
    configRecorder: NEW,
    guardDuty: NEW,
    securityHub: NEW,
    imageScanning: NEW,
    cloudTrail: NEW,
    accessAnalyzer: NEW,
  });
  new ConfigRules(stack, 'Rules', { profile, accountSecurity });
}

function addRecovery(name: string, profile: EnvironmentProfile): void {
  const stack = new Stack(app, `recovery-${name}`, { env: { region: 'eu-central-1' } });
  const { key: encryptionKey } = new EncryptionKey(stack, 'Key', { profile });
  new Recovery(stack, 'Recovery', {
    profile,
    recoveryRegion: 'eu-west-1',
    buckets: [new AppBucket(stack, 'Uploads', { profile, encryptionKey })],
    tables: [new AppTable(stack, 'Sessions', { profile, encryptionKey })],
    encryptionKey,
  });
}

function addSearch(name: string, profile: EnvironmentProfile): void {
  const stack = new Stack(app, `search-${name}`);
  const { key: encryptionKey } = new EncryptionKey(stack, 'Key', { profile });
  const { vpc } = new WebNetwork(stack, 'Network', { profile, encryptionKey });
  const database = new PostgresDatabase(stack, 'Database', { vpc, profile, encryptionKey });
  const search = new SearchDomain(stack, 'Search', { vpc, profile, encryptionKey, indexes: [{ name: 'games' }] });
  new SearchIngestion(stack, 'Ingestion', { vpc, profile, encryptionKey, search, database, databaseSecret: database.applicationSecret });
}

function addUploads(name: string, profile: EnvironmentProfile): void {
  const stack = new Stack(app, `uploads-${name}`);
  new ImageUploads(stack, 'Photos', { profile, allowedOrigins: ['https://www.example.com'] });
  const { key: encryptionKey } = new EncryptionKey(stack, 'Key', { profile });
  new ImageUploads(stack, 'Scanned', { profile, encryptionKey, malwareScan: true, originalRetentionDays: 30 });
}

function addDelivery(name: string, profile: EnvironmentProfile): void {
  const stack = new Stack(app, `delivery-${name}`);
  const images = [new ImageRegistry(stack, 'Images', { profile, encryptionKey: new EncryptionKey(stack, 'Key', { profile }).key }).repository];
  new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', images, buildBranches: ['main'], targets: [{ environment: name, pullRequests: true }] });
}

app.synth();
