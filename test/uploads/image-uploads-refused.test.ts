import { App, Duration, Stack, Token } from 'aws-cdk-lib';
import { ImageFormat, ImageUploads, ImageUploadsProps } from '../../src/uploads';

test.each<[unknown, RegExp]>([
  [{ acceptedTypes: ['image/heic'] }, /acceptedTypes has a type that cannot be read: its codec, HEVC, is patented/],
  [{ acceptedTypes: ['image/svg+xml'] }, /it can carry scripts/],
  [{ acceptedTypes: ['image/jpg'] }, /its name is image\/jpeg/],
  [{ acceptedTypes: ['image/*'] }, /each type has to be named/],
  [{ acceptedTypes: ['application/pdf'] }, /acceptedTypes has a type that cannot be read\./],
  [{ acceptedTypes: ['image/jpeg', 7] }, /acceptedTypes 7/],
  [{ acceptedTypes: [] }, /number of acceptedTypes/],
  [{ acceptedTypes: 'image/jpeg' }, /acceptedTypes is not a list/],
  [{ acceptedTypes: ['image/png', 'image/png'] }, /acceptedTypes has the same one twice/],
  [{ acceptedTypes: Token.asList({ Ref: 'Types' }) }, /acceptedTypes is only known at deployment/],
  [{ maximumMebibytes: 0 }, /maximumMebibytes is not a whole number from 1 to 100/],
  [{ maximumMegapixels: 101 }, /maximumMegapixels/],
  [{ sizes: [] }, /number of sizes/],
  [{ sizes: [{ name: 'a', width: 1 }, { name: 'a', width: 2 }] }, /sizes has the same one twice/],
  [{ sizes: [{ name: '../a', width: 1 }] }, /size name is not well-formed/],
  [{ sizes: [{ name: 'a' }] }, /width of a is missing/],
  [{ sizes: [{ name: 'a', width: 5000 }] }, /width of a is not a whole number from 1 to 4096/],
  [{ sizes: [{ name: 'a', width: 1, height: 0 }] }, /height of a/],
  [{ sizes: [{ name: 'a', width: 1, fit: 'fill' }] }, /fit of a/],
  [{ sizes: [320] }, /size is not what it should be/],
  [{ sizes: Array.from({ length: 11 }, (_, index) => ({ name: `s${index}`, width: 1 })) }, /number of sizes/],
  [{ formats: [] }, /number of formats/],
  [{ formats: ['webp'] }, /format is not what it should be/],
  [{ formats: [ImageFormat.webp(), ImageFormat.webp({ quality: 1 })] }, /formats has the same one twice/],
  [{ animated: true }, /animated/],
  [{ malwareScan: 'no' }, /malwareScan is not a boolean/],
  [{ originalRetentionDays: 0 }, /originalRetentionDays/],
  [{ memoryMiB: 512 }, /memoryMiB/],
  [{ timeout: Duration.minutes(16) }, /timeout/],
  [{ maximumConcurrency: 1 }, /maximumConcurrency/],
  [{ batchSize: 11 }, /batchSize/],
  [{ maximumAttempts: 0 }, /maximumAttempts/],
  [{ existingUploads: 'replica' }, /existingUploads is not what it should be/],
  [{ existingUploads: {} }, /existingUploads/],
  [{ existingUploads: { bucketName: 'arn:aws:s3:::replica' } }, /existingUploads.bucketName is not well-formed/],
  [{ existingUploads: { bucketName: 'replica', encryptionKey: 'key' } }, /existingUploads.encryptionKey/],
  [{ existingImages: { bucketName: 7 } }, /existingImages.bucketName/],
  [{ existingUploads: { bucketName: 'replica' }, originalRetentionDays: 7 }, /its lifecycle is not changed/],
  [{ existingUploads: { bucketName: 'replica' }, existingImages: { bucketName: 'replica' } }, /in one bucket/],
  [{ profile: 'production' }, /profile/],
  [{ encryptionKey: 'alias/key' }, /encryptionKey/],
  [{ accessLogsBucket: { bucketArn: 'arn' }, serverAccessLogs: false }, /turned off/],
])('%j is refused before anything is made', (props, message) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new ImageUploads(stack, 'Photos', props as ImageUploadsProps)).toThrow(message);
  expect(stack.node.findChild('Photos').node.children).toEqual([]);
});

test.each([0, 101, 1.5, '80'])('a quality of %j is refused', quality => {
  expect(() => ImageFormat.webp({ quality: quality as number })).toThrow(/quality/);
});
