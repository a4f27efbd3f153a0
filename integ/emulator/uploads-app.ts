/* What the uploads suite deploys: uploads behind a site, and uploads that are scanned first. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { EnvironmentProfile, ImageFormat, ImageUploads, ImageUploadsProps, SiteBucket, SiteDistribution } from '../../src';

const app = new App();
const profile = EnvironmentProfile.development();

function createUploads(stack: Stack, props: ImageUploadsProps): ImageUploads {
  const uploads = new ImageUploads(stack, 'Photos', { profile, ...props });
  const api = new iam.Role(stack, 'Api', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  uploads.grantUpload(api);
  uploads.grantRead(api);
  new CfnOutput(stack, 'Environment', {
    value: stack.toJsonString({
      ...uploads.environment,
      QUEUE: uploads.queue.queueUrl,
      DEAD_LETTER_QUEUE: uploads.deadLetterQueue.queueUrl,
      FUNCTION: uploads.function.functionName,
      API_ROLE: api.roleArn,
    }),
  });
  return uploads;
}

const site = new Stack(app, 'Uploads');
const uploads = createUploads(site, {
  allowedOrigins: ['http://localhost:3000'], formats: [ImageFormat.webp(), ImageFormat.jpeg()], maximumMebibytes: 5, batchSize: 5, alarms: true,
});
new SiteDistribution(site, 'Site', { profile, bucket: new SiteBucket(site, 'Bucket', { profile }).bucket }).addBucket(uploads.bucket, uploads.pathPattern);

createUploads(new Stack(app, 'Scanned'), { malwareScan: true });
