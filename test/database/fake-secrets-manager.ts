import { randomUUID } from 'crypto';

interface Version { readonly value: string; readonly stages: Set<string> }

interface Input {
  readonly SecretId: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
  readonly ClientRequestToken?: string;
  readonly SecretString?: string;
  readonly VersionStages?: string[];
  readonly MoveToVersionId?: string;
  readonly RemoveFromVersionId?: string;
}

class ServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Secrets in memory whose versions and stages behave as the service documents them. */
export class FakeSecretsManager {
  /** Writing calls, in order. */
  public readonly writes: string[] = [];
  private readonly secrets = new Map<string, Map<string, Version>>();

  public create(secretId: string, value: string): void {
    this.secrets.set(secretId, new Map([[randomUUID(), { value, stages: new Set(['AWSCURRENT']) }]]));
  }

  /** The parsed value at a stage. */
  public at(secretId: string, stage = 'AWSCURRENT'): { [key: string]: string } {
    const version = [...this.versions(secretId).values()].find(candidate => candidate.stages.has(stage));
    return JSON.parse(version?.value ?? 'null');
  }

  public versionAt(secretId: string, stage: string): string | undefined {
    return [...this.versions(secretId)].find(([, version]) => version.stages.has(stage))?.[0];
  }

  public readonly send = async (command: object): Promise<never> => {
    const { input } = command as { input: Input };
    const versions = this.versions(input.SecretId);
    const name = command.constructor.name;
    if (!/^(Get|Describe)/.test(name)) this.writes.push(`${name} ${input.SecretId}`);
    switch (name) {
      case 'GetSecretValueCommand': return this.get(versions, input) as never;
      case 'DescribeSecretCommand':
        return this.describe(versions) as never;
      case 'PutSecretValueCommand': return this.put(versions, input) as never;
      case 'UpdateSecretVersionStageCommand': return this.move(versions, input) as never;
      default: throw new ServiceError('InvalidAction', name);
    }
  };

  private versions(secretId: string): Map<string, Version> {
    const versions = this.secrets.get(secretId);
    if (!versions) throw new ServiceError('ResourceNotFoundException', `there is no secret ${secretId}`);
    return versions;
  }

  private get(versions: Map<string, Version>, { VersionId, VersionStage = 'AWSCURRENT' }: Input) {
    const found = [...versions].find(([id, version]) => (VersionId === undefined || id === VersionId) && version.stages.has(VersionStage));
    if (!found) throw new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for staging label: ${VersionStage}`);
    return { SecretString: found[1].value, VersionId: found[0] };
  }

  private describe(versions: Map<string, Version>) {
    const labelled = [...versions].filter(([, version]) => version.stages.size > 0);
    return { VersionIdsToStages: Object.fromEntries(labelled.map(([id, { stages }]) => [id, [...stages]])) };
  }

  private put(versions: Map<string, Version>, { ClientRequestToken: token = randomUUID(), SecretString: value = '', VersionStages: stages = ['AWSCURRENT'] }: Input) {
    const existing = versions.get(token);
    if (existing && existing.value !== value) throw new ServiceError('ResourceExistsException', 'a version of this token has another value');
    if (!existing) versions.set(token, { value, stages: new Set() });
    for (const stage of stages) this.label(versions, stage, token);
    return { VersionId: token };
  }

  private move(versions: Map<string, Version>, { VersionStage: stage = '', MoveToVersionId: to = '', RemoveFromVersionId: from }: Input) {
    const holder = [...versions].find(([, version]) => version.stages.has(stage))?.[0];
    if (holder && holder !== to && from !== holder) {
      throw new ServiceError('InvalidParameterException', `the staging label ${stage} is attached to ${holder}: it must be named as RemoveFromVersionId`);
    }
    if (!versions.has(to)) throw new ServiceError('ResourceNotFoundException', `there is no version ${to}`);
    this.label(versions, stage, to);
    return {};
  }

  /** A stage is on one version only, and AWSCURRENT leaves AWSPREVIOUS behind it. */
  private label(versions: Map<string, Version>, stage: string, to: string): void {
    const holder = [...versions.values()].find(version => version.stages.has(stage));
    holder?.stages.delete(stage);
    versions.get(to)!.stages.add(stage);
    if (stage !== 'AWSCURRENT' || !holder || holder === versions.get(to)) return;
    for (const version of versions.values()) version.stages.delete('AWSPREVIOUS');
    holder.stages.add('AWSPREVIOUS');
  }
}
