import { createHash } from 'crypto';
import {
  CompleteLayerUploadCommand, DescribeRepositoriesCommand, ECRClient, InitiateLayerUploadCommand, PutImageCommand, UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { Emulator } from './emulator';
import { BrokenImage, Program } from './programs';

/**
 * Puts an image of nothing into a deployed repository, so that what waits for a first image goes on.
 * @param program what runs for it, known before the image is there
 * @returns the digest of its manifest: `sha256:…`
 */
export async function pushImage(emulator: Emulator, repositoryName: string, tag: string, program?: Program | BrokenImage): Promise<string> {
  const ecr = new ECRClient(emulator.clientSettings);
  // The labels make the manifest differ, as another build would.
  const labels = { repository: repositoryName, tag };
  const config = Buffer.from(JSON.stringify({ architecture: 'arm64', os: 'linux', config: { Labels: labels }, rootfs: { type: 'layers', diff_ids: [] } }));
  const digest = sha256(config);
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  await ecr.send(new UploadLayerPartCommand({ repositoryName, uploadId, partFirstByte: 0, partLastByte: config.length - 1, layerPartBlob: config }));
  await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: config.length, digest },
    layers: [],
  });
  if (program) {
    emulator.programs.set(sha256(manifest), program);
  }
  await ecr.send(new PutImageCommand({ repositoryName, imageTag: tag, imageManifestMediaType: mediaType, imageManifest: manifest }));
  return sha256(manifest);
}

/**
 * Pushes to each repository that a deployment makes from now on, as soon as it is there; repositories of the CDK bootstrap are left alone.
 * @param program what runs for each image
 */
export async function pushAsRepositoriesAppear(emulator: Emulator, count: number, tag: string, program?: Program | BrokenImage): Promise<void> {
  const ecr = new ECRClient(emulator.clientSettings);
  const before = await ownRepositories(emulator, ecr);
  const pushed = new Set<string>();
  for (let attempt = 0; attempt < 600 && pushed.size < count; attempt++) {
    for (const name of await ownRepositories(emulator, ecr)) {
      if (pushed.has(name) || before.includes(name)) continue;
      await pushImage(emulator, name, tag, program);
      pushed.add(name);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (pushed.size < count) {
    throw new Error(`the deployment made ${pushed.size} image repositories within five minutes, not ${count}`);
  }
}

/** Names of the repositories that stacks made. */
export async function ownRepositories(emulator: Emulator, ecr = new ECRClient(emulator.clientSettings)): Promise<string[]> {
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
  return repositories!.map(({ repositoryName }) => repositoryName!).filter((name) => !name.startsWith('cdk-'));
}

function sha256(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
