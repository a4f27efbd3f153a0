import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { FargateApiWithRds } from 'cdk-web-platform';

/** The pattern with its production profile: what is compared with `subject-hand-written.ts`. */
export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id);
  new FargateApiWithRds(stack, 'Api', {
    image: ecs.ContainerImage.fromRegistry('ghcr.io/example/api:1'),
    containerPort: 8000,
    cache: true,
    domainName: 'api.example.com',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' }),
    environment: { LOG_LEVEL: 'info' },
    alertEmails: ['ops@example.com'],
  });
  return stack;
}
