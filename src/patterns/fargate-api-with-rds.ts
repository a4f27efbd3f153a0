import { Construct } from 'constructs';
import { ContainerPlatform } from './container-platform';
import { FargateApiWithRdsProps } from './fargate-api-with-rds-props';
import { WebService } from '../service';

/**
 * Container services behind one load balancer, with PostgreSQL and, where asked, a cache: a production API in a dozen lines.
 * It is a `ContainerPlatform` with its first service.
 */
export class FargateApiWithRds extends ContainerPlatform {
  /** The first service. */
  public readonly service: WebService;

  constructor(scope: Construct, id: string, props: FargateApiWithRdsProps) {
    super(scope, id, props);
    this.service = this.addService('Service', props);
  }
}
