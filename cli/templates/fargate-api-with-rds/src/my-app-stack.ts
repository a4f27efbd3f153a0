import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EnvironmentProfile, FargateApiWithRds, ImageRegistry } from 'cdk-web-platform';

export interface MyAppStackProps extends StackProps {
  readonly profile: EnvironmentProfile;
  /** Tag of the API's image in the registry, with its digest where the delivery names it. */
  readonly version: string;
}

/** One environment of my-app: an API in containers, with its database. */
export class MyAppStack extends Stack {
  public readonly registry: ImageRegistry;
  public readonly api: FargateApiWithRds;

  constructor(scope: Construct, id: string, { profile, version, ...props }: MyAppStackProps) {
    super(scope, id, props);
    this.registry = new ImageRegistry(this, 'Registry', { profile });

    this.api = new FargateApiWithRds(this, 'Api', {
      profile,
      image: this.registry.image(version),
      containerPort: 8080,
      healthCheckPath: '/health',
      smokeTests: [{ path: '/health' }],
    });
  }
}
