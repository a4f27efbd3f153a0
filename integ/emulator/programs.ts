import * as fs from 'fs';
import { DescribeImagesCommand, ECRClient, ECRClientConfig, ImageNotFoundException } from '@aws-sdk/client-ecr';

/** What runs for an image: a container of it is a process. */
export interface Program {
  /** Working directory of the process. */
  readonly directory: string;
  /** Folder that comes first in its PATH, for example that of a virtual environment of Python. */
  readonly binaries?: string;
}

/** An image that a drill has broken. */
export interface BrokenImage {
  /** The task stops with this reason before anything ran, for example `CannotPullContainerError: …`. */
  readonly neverStarts?: string;
  /** The task stays in PROVISIONING until it is stopped. */
  readonly hangsInProvisioning?: boolean;
}

/** What runs for which image. The emulator reads it whenever a task starts. */
export class Programs {
  private readonly programs = new Map<string, Program | BrokenImage>();

  constructor(private readonly file: string, private readonly settings: ECRClientConfig) {
    this.write();
  }

  /** @param digest `sha256:…`, or for an image that is not in a repository of the account, its name as task definitions have it */
  public set(digest: string, program: Program | BrokenImage): void {
    if ('directory' in program && !fs.existsSync(program.directory)) {
      throw new Error(`${digest}: there is no directory ${program.directory}`);
    }
    this.programs.set(digest, program);
    this.write();
  }

  /** @param image as task definitions have it: `uri@sha256:…` or `uri:tag` */
  public async find(image: string): Promise<Program | BrokenImage | undefined> {
    return this.programs.get(await this.digestOf(image) ?? image);
  }

  private async digestOf(image: string): Promise<string | undefined> {
    const [name, digest] = image.split('@');
    if (digest || !name.includes('.dkr.ecr.')) return digest;
    const [repositoryName, imageTag = 'latest'] = name.slice(name.indexOf('/') + 1).split(':');
    try {
      const { imageDetails } = await new ECRClient(this.settings).send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
      return imageDetails?.[0]?.imageDigest;
    } catch (error) {
      if (error instanceof ImageNotFoundException) return undefined;
      throw error;
    }
  }

  /** In one step, because a task may start meanwhile. */
  private write(): void {
    fs.writeFileSync(`${this.file}.new`, JSON.stringify(Object.fromEntries(this.programs), undefined, 2));
    fs.renameSync(`${this.file}.new`, this.file);
  }
}
