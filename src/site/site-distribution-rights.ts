import { Annotations, ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const CLOUDFRONT = new iam.ServicePrincipal('cloudfront.amazonaws.com');

/**
 * Lets a distribution read one folder of a bucket, and hear whether a file is missing: without the right to list, S3 answers 403 for what is not
 * there. Nobody can list through the distribution, which asks for what is below the folder only, and passes on no query string.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 */
export function letDistributionRead(where: Construct, bucket: s3.IBucket, distributionId: string, folder: string): void {
  // A bucket of another stack cannot name the distribution, which names the bucket: https://github.com/aws/aws-cdk/issues/34347
  const conditions = Stack.of(bucket) === Stack.of(where)
    ? { StringEquals: { 'aws:SourceArn': distributionArn(where, distributionId) } }
    : { ArnLike: { 'aws:SourceArn': distributionArn(where, '*') } };
  const statements = [
    new iam.PolicyStatement({ principals: [CLOUDFRONT], actions: ['s3:GetObject'], resources: [bucket.arnForObjects(`${folder}/*`)], conditions }),
    new iam.PolicyStatement({ principals: [CLOUDFRONT], actions: ['s3:ListBucket'], resources: [bucket.bucketArn], conditions }),
  ];
  const added = statements.map(statement => bucket.addToResourcePolicy(statement).statementAdded);
  if (added.includes(false)) {
    warn(where, 'bucketPolicy', `${bucket.node.path} is imported, so that its policy cannot be changed from here. `
      + `Let cloudfront.amazonaws.com use s3:GetObject on ${folder}/* and s3:ListBucket, with aws:SourceArn of the distribution as the condition.`);
  }
  letDistributionDecrypt(where, bucket);
}

function letDistributionDecrypt(where: Construct, bucket: s3.IBucket): void {
  const result = bucket.encryptionKey?.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'CloudFrontOfThisAccount',
    principals: [CLOUDFRONT],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    // Not this distribution alone: it waits for the bucket and the bucket for the key, so the key cannot wait for the distribution.
    conditions: { ArnLike: { 'aws:SourceArn': distributionArn(where, '*') } },
  }), true);
  if (!result || result.statementAdded) return;
  warn(where, 'keyPolicy', 'The key of the bucket is imported, so that its policy cannot be changed from here. '
    + 'Let cloudfront.amazonaws.com use kms:Decrypt, with aws:SourceArn of the distribution as the condition.');
}

function distributionArn(where: Construct, id: string): string {
  return Stack.of(where).formatArn({ service: 'cloudfront', region: '', resource: 'distribution', resourceName: id, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

function warn(where: Construct, id: string, text: string): void {
  Annotations.of(where).addWarningV2(`cdk-web-platform:site-${id}`, text);
}
