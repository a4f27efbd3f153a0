/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import {
  DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient, UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

export type Stage = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

class SecretRefused extends Error {
  constructor(secretId: string, public readonly reason: string, message: string) {
    super(`Secrets Manager refused the secret ${secretId}: ${reason}: ${message}`);
  }
}

/** The versions of secrets, as the rotation protocol moves them. */
export class SecretVersions {
  constructor(private readonly client: Pick<SecretsManagerClient, 'send'>) {}

  /** The value of a stage, of one version if its id is given too; nothing if there is none. */
  public async read(secretId: string, stage: Stage, versionId?: string): Promise<string | undefined> {
    try {
      const answer = await this.call(secretId, () => this.client.send(
        new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage, VersionId: versionId })));
      return answer.SecretString;
    } catch (error) {
      if ((error as SecretRefused).reason === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  /** The stages of each version. */
  public async stages(secretId: string): Promise<{ [versionId: string]: string[] }> {
    const answer = await this.call(secretId, () => this.client.send(new DescribeSecretCommand({ SecretId: secretId })));
    return answer.VersionIdsToStages ?? {};
  }

  /** The version that carries a stage. */
  public async versionAt(secretId: string, stage: Stage): Promise<string | undefined> {
    const stages = await this.stages(secretId);
    return Object.keys(stages).find(versionId => stages[versionId].includes(stage));
  }

  /** Writes the version of a rotation that has begun. */
  public async putPending(secretId: string, token: string, value: string): Promise<void> {
    await this.call(secretId, () => this.client.send(new PutSecretValueCommand({
      SecretId: secretId, ClientRequestToken: token, SecretString: value, VersionStages: ['AWSPENDING'],
    })));
  }

  /**
   * Replaces the current value outside of a rotation. AWSPREVIOUS stays where it was:
   * it holds the login of the role that running tasks may still use.
   */
  public async replaceCurrent(secretId: string, value: string): Promise<void> {
    const current = await this.versionAt(secretId, 'AWSCURRENT');
    const previous = await this.versionAt(secretId, 'AWSPREVIOUS');
    await this.call(secretId, () => this.client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: value })));
    if (!previous) return;
    await this.call(secretId, () => this.client.send(new UpdateSecretVersionStageCommand({
      SecretId: secretId, VersionStage: 'AWSPREVIOUS', MoveToVersionId: previous, RemoveFromVersionId: current,
    })));
  }

  /** Makes a version the current one; Secrets Manager moves AWSPREVIOUS to the one before. */
  public async promote(secretId: string, versionId: string): Promise<void> {
    const current = await this.versionAt(secretId, 'AWSCURRENT');
    if (current === versionId) return;
    await this.call(secretId, () => this.client.send(new UpdateSecretVersionStageCommand({
      SecretId: secretId, VersionStage: 'AWSCURRENT', MoveToVersionId: versionId, RemoveFromVersionId: current,
    })));
  }

  private async call<T>(secretId: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      const { name, message } = error as Error;
      if (/Timeout|ECONNREFUSED|ENOTFOUND|ENETUNREACH|EHOSTUNREACH/.test(`${name} ${message}`)) {
        throw new Error('Secrets Manager cannot be reached from the subnets of this function: '
          + 'give them a way to the internet (NAT) or the VPC an interface endpoint for secretsmanager, and allow port 443.');
      }
      throw new SecretRefused(secretId, name, message);
    }
  }
}
