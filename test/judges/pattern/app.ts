/* `FargateApiWithRds` by itself in each profile, as a team's first stack has it. */
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { EnvironmentProfile, FargateApiWithRds } from 'cdk-web-platform';

const app = new App();

for (const name of ['development', 'staging', 'production']) {
  const stack = new Stack(app, `pattern-${name}`);
  new FargateApiWithRds(stack, 'Api', {
    profile: EnvironmentProfile.fromName(name),
    image: ecs.ContainerImage.fromRegistry('example/api'),
    containerPort: 8080,
    domainName: 'api.example.com',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' }),
  });
}

app.synth();
