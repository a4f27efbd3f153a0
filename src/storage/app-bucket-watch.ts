import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

const CLASSES: { readonly [storageType: string]: string } = {
  StandardStorage: 'Standard',
  StandardIAStorage: 'Standard-IA',
  GlacierInstantRetrievalStorage: 'Glacier Instant Retrieval',
  GlacierStorage: 'Glacier Flexible Retrieval',
  DeepArchiveStorage: 'Glacier Deep Archive',
};

/**
 * What an operator wants to see of a bucket, in one row. S3 measures it once a day, at no cost.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
 */
export function bucketWidgets(bucketName: string): cloudwatch.IWidget[] {
  const metric = (metricName: string, storageType: string, label: string) => new cloudwatch.Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: { BucketName: bucketName, StorageType: storageType },
    statistic: 'Average',
    period: Duration.days(1),
    label,
  });
  return [
    new cloudwatch.GraphWidget({
      title: 'Size by storage class (bytes)',
      width: 12,
      left: Object.entries(CLASSES).map(([storageType, label]) => metric('BucketSizeBytes', storageType, label)),
      leftYAxis: { min: 0 },
      stacked: true,
    }),
    new cloudwatch.GraphWidget({
      title: 'Files, with older versions', width: 12, left: [metric('NumberOfObjects', 'AllStorageTypes', 'files')], leftYAxis: { min: 0 },
    }),
  ];
}
