import * as fs from 'fs';
import * as path from 'path';
import { CloudFormationClient, paginateListStackResources, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createHostedZone } from './account';
import { AwsNames } from './aws-names';
import { SiteWorld, StagingSite } from './browser-world';
import { CdkCli } from './cdk';
import { deployedKeyValues, deployedReferences } from './edge/deployed-stack';
import { EdgeServer } from './edge/edge-server';
import { Invalidations } from './edge/invalidations';
import { Template } from './edge/template';
import { buildWebApp } from './edge/web-app';
import { EDGE_REGION, Emulator, REGION } from './emulator';
import { pushAsRepositoriesAppear } from './images';
import { pythonEnvironment, REPOSITORY } from './python';

export const PRODUCTION = 'ArcadeProduction';
export const STAGING = 'ArcadeStaging';
const SERVICE = 'PlatformContainersCatalogueService';
const SIGN_IN = 'auth.arcade.example.com';
const API = path.join(REPOSITORY, 'examples/arcade/api');

/** What production gets after its first deployment, one after the other. */
export type Part = 'uploads' | 'search' | 'recovery';

/**
 * examples/arcade, deployed by the real CDK CLI: its site in a real bucket behind an edge that reads the deployed template, its API a
 * real process on a real PostgreSQL behind the private load balancer.
 */
export class ArcadeWorld implements SiteWorld {
  /** Without uploads, search and recovery, which are added later. @param others what is deployed besides production */
  public static async start(emulator: Emulator, label: string, ...others: readonly string[]): Promise<ArcadeWorld> {
    const stacks = [PRODUCTION, ...others];
    const python = await pythonEnvironment('arcade', path.join(API, 'requirements.txt'));
    const command = (port: number) => ['uvicorn', 'arcade.main:app', '--host', '127.0.0.1', '--port', `${port}`];
    const names = await AwsNames.start(emulator, SIGN_IN);
    emulator.dataPlane.deployments.run(SERVICE, { command, surroundings: service => names.environment(service) });
    const cdk = new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/arcade-app.ts');
    await cdk.bootstrap([REGION, EDGE_REGION, 'eu-west-1']);
    await createSecrets(emulator);
    const world = new ArcadeWorld(emulator, cdk, names, await createHostedZone(emulator, 'arcade.example.com'));
    await Promise.all([
      world.deploy(label, stacks.flatMap(stack => [stack, `${stack}-edge-alarms`])),
      pushAsRepositoriesAppear(emulator, 1, 'v1', { directory: API, binaries: python.bin }),
    ]);
    await world.open(stacks);
    return world;
  }

  public readonly url = 'https://arcade.example.com';
  public readonly wwwUrl = 'https://www.arcade.example.com';
  public readonly authority;
  private readonly servers = new Map<string, EdgeServer>();
  private readonly followed: Invalidations[] = [];
  private readonly parts: Part[] = [];
  private published = '';
  private visitorOfStaging = { username: '', password: '' };

  private constructor(
    private readonly emulator: Emulator, private readonly cdk: CdkCli, public readonly names: AwsNames, private readonly hostedZoneId: string,
  ) {
    this.authority = emulator.authority;
  }

  public get server(): EdgeServer {
    return this.servers.get(PRODUCTION)!;
  }

  public get staging(): StagingSite {
    return { url: 'https://staging.arcade.example.com', server: this.servers.get(STAGING)!, ...this.visitorOfStaging };
  }

  /** What the edge sent on to the API. */
  public get apiRequests() {
    return this.server.log.filter(({ uri }) => uri.startsWith('/api/')).map(({ method, uri }) => ({ method, url: uri }));
  }

  /** Builds the site with this label and deploys it, as a team's pipeline does. */
  public async publish(label: string): Promise<void> {
    if (label !== this.published) await this.deploy(label, [PRODUCTION]);
    for (const invalidations of this.followed) await invalidations.look();
  }

  /** Adds a part to production. */
  public async add(part: Part): Promise<void> {
    this.parts.push(part);
    await this.cdk.deploy([PRODUCTION], { context: this.context(), quiet: true });
    await this.server.stop();
    this.servers.set(PRODUCTION, await this.serve(PRODUCTION));
  }

  /** What production consists of. */
  public async resources(stack = PRODUCTION): Promise<StackResourceSummary[]> {
    const found: StackResourceSummary[] = [];
    const client = new CloudFormationClient(this.emulator.clientSettings);
    for await (const page of paginateListStackResources({ client }, { StackName: stack })) found.push(...page.StackResourceSummaries ?? []);
    return found;
  }

  /** Physical id of the one resource of a type whose logical id holds this. */
  public async find(type: string, part: string): Promise<string> {
    const resources = await this.resources();
    const found = resources.filter(({ ResourceType, LogicalResourceId }) => ResourceType === type && LogicalResourceId!.includes(part));
    if (found.length === 0) throw new Error(`no ${type} of ${PRODUCTION} holds "${part}"`);
    return found[0].PhysicalResourceId!;
  }

  public async stop(): Promise<void> {
    await Promise.all(this.followed.map(invalidations => invalidations.stop()));
    await Promise.all([...this.servers.values(), this.names].map(server => server.stop()));
  }

  /** Takes production away again, as far as it lets itself be. */
  public async destroy(): Promise<void> {
    await this.cdk.destroy([`${PRODUCTION}*`], { context: this.context(), quiet: true });
  }

  private async deploy(label: string, stacks: readonly string[]): Promise<void> {
    await buildWebApp(label, this.folder(label));
    this.published = label;
    await this.cdk.deploy(stacks, { context: this.context(), quiet: true });
  }

  private folder(label: string): string {
    return path.join(this.emulator.directory, 'web', label);
  }

  private context(): { readonly [name: string]: string } {
    return { site: this.folder(this.published), hostedZoneId: this.hostedZoneId, parts: this.parts.join() };
  }

  private async open(stacks: readonly string[]): Promise<void> {
    for (const stack of stacks) this.servers.set(stack, await this.serve(stack));
    if (stacks.includes(STAGING)) this.visitorOfStaging = await this.passwordOf(STAGING);
  }

  private async serve(stack: string): Promise<EdgeServer> {
    const { emulator } = this;
    const template: Template = JSON.parse(fs.readFileSync(path.join(emulator.directory, 'cdk.out', `${stack}.template.json`), 'utf8'));
    const server = await EdgeServer.start({
      template,
      resolve: await deployedReferences(emulator, stack, template),
      origins: stack === PRODUCTION ? { [originOf(template)]: await emulator.dataPlane.traffic.url(SERVICE) } : {},
      s3Endpoint: emulator.environment.AWS_ENDPOINT_URL,
      keyValues: stack === STAGING ? await deployedKeyValues(emulator) : undefined,
      authority: emulator.authority,
    });
    this.followed.push(await Invalidations.follow(server, new CloudFrontClient(emulator.clientSettings)));
    return server;
  }

  private async passwordOf(stack: string): Promise<{ username: string; password: string }> {
    const secret = (await this.resources(stack)).find(({ LogicalResourceId: id, ResourceType }) =>
      id!.startsWith('SitePassword') && ResourceType === 'AWS::SecretsManager::Secret');
    if (!secret) throw new Error(`${stack} has no password`);
    const client = new SecretsManagerClient(this.emulator.clientSettings);
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret.PhysicalResourceId }));
    return JSON.parse(SecretString!);
  }
}

/** What a team has before its first deployment; the pager's address in the region of CloudFront's alarms too. */
async function createSecrets(emulator: Emulator): Promise<void> {
  const create = (region: string, Name: string, SecretString: string) =>
    new SecretsManagerClient({ ...emulator.clientSettings, region }).send(new CreateSecretCommand({ Name, SecretString }));
  await create(REGION, 'arcade/google', 'google-client-secret');
  for (const region of [REGION, EDGE_REGION]) await create(region, 'arcade/pagerduty', 'https://events.pagerduty.com/integration/0123/enqueue');
}

/** Id of the origin that is a load balancer. */
function originOf(template: Template): string {
  const distribution = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::CloudFront::Distribution')!;
  const { Origins } = distribution.Properties!.DistributionConfig as { Origins: { Id: string; VpcOriginConfig?: object }[] };
  return Origins.find(({ VpcOriginConfig }) => VpcOriginConfig)!.Id;
}
