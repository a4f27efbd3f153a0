import * as fs from 'fs';
import * as path from 'path';
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createHostedZone } from './account';
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
const API = path.join(REPOSITORY, 'examples/arcade/api');

/**
 * examples/arcade, deployed by the real CDK CLI: its site in a real bucket behind an edge that reads the deployed template, its API a
 * real process on a real PostgreSQL behind the private load balancer.
 */
export class ArcadeWorld implements SiteWorld {
  /** @param others what is deployed besides production */
  public static async start(emulator: Emulator, label: string, ...others: readonly string[]): Promise<ArcadeWorld> {
    const stacks = [PRODUCTION, ...others];
    const python = await pythonEnvironment('arcade', path.join(API, 'requirements.txt'));
    const command = (port: number) => ['uvicorn', 'arcade.main:app', '--host', '127.0.0.1', '--port', `${port}`];
    emulator.dataPlane.deployments.run(SERVICE, { command });
    const cdk = new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/arcade-app.ts');
    await cdk.bootstrap([REGION, EDGE_REGION, 'eu-west-1']);
    await createSecrets(emulator);
    const world = new ArcadeWorld(emulator, cdk, await createHostedZone(emulator, 'arcade.example.com'));
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
  private published = '';
  private visitorOfStaging = { username: '', password: '' };

  private constructor(private readonly emulator: Emulator, private readonly cdk: CdkCli, private readonly hostedZoneId: string) {
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

  public async stop(): Promise<void> {
    await Promise.all(this.followed.map(invalidations => invalidations.stop()));
    await Promise.all([...this.servers.values()].map(server => server.stop()));
  }

  /** Takes everything away again, as far as its environments let it go. */
  public async destroy(stacks: readonly string[]): Promise<void> {
    await this.cdk.destroy(stacks, { context: this.context(), quiet: true });
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
    return { site: this.folder(this.published), hostedZoneId: this.hostedZoneId };
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
    for await (const page of paginateListStackResources({ client: new CloudFormationClient(this.emulator.clientSettings) }, { StackName: stack })) {
      const secret = page.StackResourceSummaries?.find(({ LogicalResourceId: id, ResourceType }) =>
        id!.startsWith('SitePassword') && ResourceType === 'AWS::SecretsManager::Secret');
      if (!secret) continue;
      const client = new SecretsManagerClient(this.emulator.clientSettings);
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret.PhysicalResourceId }));
      return JSON.parse(SecretString!);
    }
    throw new Error(`${stack} has no password`);
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
