import type { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { AnimatedImages, ImageFormat } from './image-format';
import type { ImageSize } from './image-size';
import type { EnvironmentProfile } from '../environment';
import type { ExistingBucket } from '../storage';

/** What is uploaded, and what is made of it. */
export interface ImageUploadsOptions {
  /**
   * Types that are accepted, as MIME types. What a file really is decides, not its name nor what its uploader says.
   * @default - image/jpeg, image/png, image/webp, image/gif and image/avif: all that can be read
   */
  readonly acceptedTypes?: string[];
  /**
   * Largest upload in MiB, 1 to 100.
   * @default 20
   */
  readonly maximumMebibytes?: number;
  /**
   * Largest upload in millions of pixels, 1 to 100: a small file may unpack to a huge image. All pictures of an animation together.
   * @default 50
   */
  readonly maximumMegapixels?: number;
  /**
   * Sizes that are made of each upload, 1 to 10.
   * @default - small, medium and large: 320, 800 and 1600 pixels on the longer side
   */
  readonly sizes?: ImageSize[];
  /**
   * Formats that each size is made in.
   * @default - WebP
   */
  readonly formats?: ImageFormat[];
  /**
   * What becomes of uploads that move.
   * @default AnimatedImages.KEEP
   */
  readonly animated?: AnimatedImages;
  /**
   * Whether GuardDuty looks for malware in each upload before it is read. Billed for each upload and GB.
   * @see https://docs.aws.amazon.com/guardduty/latest/ug/gdu-malware-protection-s3.html
   * @default false
   */
  readonly malwareScan?: boolean;
  /**
   * Days that the uploads themselves are kept once there are images of them, 1 to 3650. They still say where they were taken, and only the function reads
   * them; without them no further sizes can be made later.
   * @default - they are kept, in cheaper storage classes as they get older
   */
  readonly originalRetentionDays?: number;
  /**
   * Memory of the function in MiB, 1024 to 10240. With 1769 it has one processor; more make it no faster.
   * @default 1769
   */
  readonly memoryMiB?: number;
  /**
   * Longest time for one upload, 30 seconds to 15 minutes. A failed one is tried again after six times as long.
   * @default Duration.minutes(1)
   */
  readonly timeout?: Duration;
  /**
   * Most uploads that are worked on at the same time, 2 to 1000. It bounds what a flood of uploads costs; others wait.
   * @default 10
   */
  readonly maximumConcurrency?: number;
  /**
   * Uploads that one call of the function works through, one after the other, 1 to 10. Those that fail are tried again without the others; but with one that
   * ends the function, all of its call are. More than one saves almost nothing.
   * @default 1
   */
  readonly batchSize?: number;
  /**
   * Attempts on an upload before it goes to the dead-letter queue, 1 to 10.
   * @default 3
   */
  readonly maximumAttempts?: number;
  /**
   * Bucket of uploads that exists already, such as the replica after its region was lost, instead of a new one; the uploads are below `uploads/`. Nothing of
   * it is changed: it has to tell EventBridge of its events, and its own CORS rules have to allow the pages that upload.
   * @default - a new bucket
   */
  readonly existingUploads?: ExistingBucket;
  /**
   * Bucket of images and results that exists already, instead of a new one. Nothing of it is changed: where a distribution serves it, its own policy has
   * to allow that.
   * @default - a new bucket
   */
  readonly existingImages?: ExistingBucket;
}

/** Properties of `ImageUploads`. */
export interface ImageUploadsProps extends ImageUploadsOptions {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Web pages that may upload, each as the exact origin that a browser sends: `https://www.example.com`. `http://localhost:3000` is allowed where the
   * profile has no deletion protection.
   * @default - none; `addOrigin()` adds them
   */
  readonly allowedOrigins?: string[];
  /**
   * Key that encrypts uploads, images, queues and logs; files of existing buckets have the keys that are named with those. Distributions that serve the images are allowed to decrypt with it.
   * @default - AWS's own keys, which cost nothing
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether S3 logs who asked the buckets for what.
   * @default - the profile's accessLogs
   */
  readonly serverAccessLogs?: boolean;
  /**
   * Bucket of this region that server access logs are written to, below `bucket/`.
   * @default - one is made
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Whether there are alarms.
   * @default - the profile's alarms
   */
  readonly alarms?: boolean;
}
