import { Refusal } from './refusal';

/** An upload that a message tells of. */
export interface Upload {
  readonly bucket: string;
  readonly key: string;
  /** Tells one content of the key from another. */
  readonly etag: string;
  /** What GuardDuty found; undefined where nothing was looked for. */
  readonly verdict?: string;
}

interface S3Event {
  readonly source: 'aws.s3';
  readonly detail: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string; readonly etag: string } };
}

interface ScanEvent {
  readonly source: 'aws.guardduty';
  readonly detail: {
    readonly s3ObjectDetails: { readonly bucketName: string; readonly objectKey: string; readonly eTag: string };
    readonly scanResultDetails: { readonly scanResultStatus: string };
  };
}

/**
 * The upload that a message tells of.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
 */
export function readUpload(message: string): Upload {
  const event: S3Event | ScanEvent = JSON.parse(message);
  if (event.source === 'aws.s3') {
    const { bucket, object } = event.detail;
    return { bucket: bucket.name, key: object.key, etag: object.etag };
  }
  if (event.source === 'aws.guardduty') {
    const { s3ObjectDetails: object, scanResultDetails } = event.detail;
    return { bucket: object.bucketName, key: object.objectKey, etag: object.eTag, verdict: scanResultDetails.scanResultStatus };
  }
  throw new Error('The message is neither of S3 nor of GuardDuty.');
}

/** Lets an upload pass that nothing was found in. A scan that failed is no fault of the upload's. */
export function checkVerdict({ verdict }: Upload): void {
  if (verdict === undefined || verdict === 'NO_THREATS_FOUND') return;
  if (verdict === 'THREATS_FOUND') throw new Refusal('malware', 'Malware was found in the file.');
  if (verdict === 'UNSUPPORTED') throw new Refusal('not-scanned', 'The file is of a kind that cannot be searched for malware.');
  throw new Error(`GuardDuty did not scan the upload: ${verdict}.`);
}
