import { CloudFrontClient, GetInvalidationCommand, ListInvalidationsCommand } from '@aws-sdk/client-cloudfront';
import { EdgeServer } from './edge-server';

const MILLISECONDS_BETWEEN_LOOKS = 200;

/** Carries invalidations that the stack's own code asks CloudFront's API for to the edge, until it is stopped. */
export class Invalidations {
  public static async follow(server: EdgeServer, client: CloudFrontClient): Promise<Invalidations> {
    const invalidations = new Invalidations(server, client);
    await invalidations.look();
    invalidations.schedule();
    return invalidations;
  }

  private readonly seen = new Set<string>();
  private timer?: NodeJS.Timeout;
  private isStopped = false;
  private looking: Promise<unknown> = Promise.resolve();

  private constructor(private readonly server: EdgeServer, private readonly client: CloudFrontClient) {}

  /** Asks now, and says which paths were new. */
  public async look(): Promise<string[]> {
    const DistributionId = this.server.site.distribution.id;
    const { InvalidationList } = await this.client.send(new ListInvalidationsCommand({ DistributionId }));
    const fresh = (InvalidationList?.Items ?? []).map(({ Id }) => Id!).filter((id) => !this.seen.has(id));
    const paths: string[] = [];
    for (const Id of fresh) {
      this.seen.add(Id);
      const { Invalidation } = await this.client.send(new GetInvalidationCommand({ DistributionId, Id }));
      paths.push(...Invalidation?.InvalidationBatch?.Paths?.Items ?? []);
    }
    if (paths.length > 0) {
      this.server.invalidate(paths);
    }
    return paths;
  }

  public async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look()
        .catch((error) => console.error(`edge: invalidations cannot be asked for: ${error}`))
        .finally(() => this.isStopped || this.schedule());
    }, MILLISECONDS_BETWEEN_LOOKS);
  }
}
