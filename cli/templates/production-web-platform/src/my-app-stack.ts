import * as path from 'node:path';
import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EnvironmentProfile, ImageRegistry, ProductionWebPlatform, SiteKind } from 'cdk-web-platform';

export interface MyAppStackProps extends StackProps {
  readonly profile: EnvironmentProfile;
  /** Tag of the API's image in the registry, with its digest where the delivery names it. */
  readonly version: string;
}

/** One environment of my-app: a site and its API under one name, with database and cache. */
export class MyAppStack extends Stack {
  public readonly registry: ImageRegistry;
  public readonly platform: ProductionWebPlatform;

  constructor(scope: Construct, id: string, { profile, version, ...props }: MyAppStackProps) {
    super(scope, id, props);
    this.registry = new ImageRegistry(this, 'Registry', { profile });

    this.platform = new ProductionWebPlatform(this, 'Platform', {
      profile,
      services: {
        Api: {
          image: this.registry.image(version),
          containerPort: 8080,
          healthCheckPath: '/api/health',
          smokeTests: [{ path: '/api/health' }],
        },
      },
      cache: true,
      site: { kind: SiteKind.singlePageApp(), directory: path.join(__dirname, '..', 'site') },
    });
  }
}
