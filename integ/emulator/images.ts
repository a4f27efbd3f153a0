import { createHash } from 'crypto';
import { ECRClient, PutImageCommand, UploadLayerPartCommand, CompleteLayerUploadCommand, InitiateLayerUploadCommand } from '@aws-sdk/client-ecr';
import { Emulator } from './emulator';

/** Puts an image of nothing into a deployed repository, so that what waits for a first image goes on. */
export async function pushImage(emulator: Emulator, repositoryName: string, tag: string): Promise<void> {
  const ecr = new ECRClient(emulator.clientSettings);
  // The tag makes the manifest differ, as another build would.
  const config = Buffer.from(JSON.stringify({ architecture: 'arm64', os: 'linux', config: { Labels: { tag } }, rootfs: { type: 'layers', diff_ids: [] } }));
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  await ecr.send(new UploadLayerPartCommand({ repositoryName, uploadId, partFirstByte: 0, partLastByte: config.length - 1, layerPartBlob: config }));
  await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
  await ecr.send(new PutImageCommand({
    repositoryName,
    imageTag: tag,
    imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
    imageManifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: config.length, digest },
      layers: [],
    }),
  }));
}
