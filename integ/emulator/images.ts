import { createHash } from 'crypto';
import {
  CompleteLayerUploadCommand, DescribeRepositoriesCommand, ECRClient, InitiateLayerUploadCommand, PutImageCommand, UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
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

/** Pushes to each repository that a deployment makes, as soon as it is there; repositories of the CDK bootstrap are left alone. */
export async function pushAsRepositoriesAppear(emulator: Emulator, count: number, tag: string): Promise<void> {
  const ecr = new ECRClient(emulator.clientSettings);
  const pushed = new Set<string>();
  for (let attempt = 0; attempt < 240 && pushed.size < count; attempt++) {
    for (const name of await ownRepositories(emulator, ecr)) {
      if (pushed.has(name)) continue;
      await pushImage(emulator, name, tag);
      pushed.add(name);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (pushed.size < count) {
    throw new Error(`the deployment made ${pushed.size} image repositories within two minutes, not ${count}`);
  }
}

/** Names of the repositories that stacks made. */
export async function ownRepositories(emulator: Emulator, ecr = new ECRClient(emulator.clientSettings)): Promise<string[]> {
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
  return repositories!.map(({ repositoryName }) => repositoryName!).filter((name) => !name.startsWith('cdk-'));
}
