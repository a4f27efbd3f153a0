/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import {
  AddTagsToResourceCommand, DeleteParametersCommand, GetParameterHistoryCommand, GetParametersByPathCommand, GetParametersCommand,
  ListTagsForResourceCommand, PutParameterCommand, PutParameterCommandInput, SSMClient,
} from '@aws-sdk/client-ssm';

/** A version of a parameter. */
export interface StoredParameter {
  readonly value: string;
  readonly version: number;
  readonly since?: Date;
}

export type Tags = { readonly [key: string]: string };

/** SSM refused to write. What it says is repeated only where it cannot quote the value. */
export class WriteRefused extends Error {
  constructor(parameter: string, { name, message }: Error) {
    const isSafe = /^(AccessDenied|Throttling|ParameterAlreadyExists|ParameterLimitExceeded|ParameterMaxVersionLimitExceeded|TooManyUpdates)/.test(name);
    super(`SSM refused to write ${parameter}: ${name}: ${isSafe ? message
      : 'what it says is left out, since it may quote the value. SSM takes no empty value, none above 8 KB and none with {{ }}'}`);
    this.name = name;
  }
}

/** What SSM takes in one request. */
const BATCH = 10;
const HISTORY_PAGE = 50;
const TIER = 'Intelligent-Tiering';

/**
 * Encrypted parameters, written with the account's key `alias/aws/ssm`: whoever may read a parameter may decrypt it then, which is all
 * that the function of a Gen 2 backend that fetches secrets may do.
 */
export class ParameterStore {
  constructor(private readonly client: Pick<SSMClient, 'send'>) {}

  /** What is directly below a path, as it is stored: encrypted values are not decrypted. */
  public async below(path: string): Promise<Map<string, StoredParameter>> {
    const found = new Map<string, StoredParameter>();
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new GetParametersByPathCommand({ Path: path, Recursive: false, MaxResults: BATCH, NextToken }));
      for (const { Name, Value, Version } of page.Parameters ?? []) found.set(Name!, { value: Value!, version: Version! });
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  /** The current versions, decrypted. What does not exist is left out. */
  public async read(names: Iterable<string>): Promise<Map<string, StoredParameter>> {
    const found = new Map<string, StoredParameter>();
    for (const Names of batches(names)) {
      const { Parameters } = await this.client.send(new GetParametersCommand({ Names, WithDecryption: true }));
      for (const { Name, Value, Version, LastModifiedDate } of Parameters ?? []) {
        found.set(Name!, { value: Value!, version: Version!, since: LastModifiedDate });
      }
    }
    return found;
  }

  /** Those that exist. Nothing is decrypted, so that a key of somebody else does not matter. */
  public async existing(names: Iterable<string>): Promise<string[]> {
    const found: string[] = [];
    for (const Names of batches(names)) {
      const { Parameters } = await this.client.send(new GetParametersCommand({ Names, WithDecryption: false }));
      found.push(...(Parameters ?? []).map(({ Name }) => Name!));
    }
    return found;
  }

  /** All versions that SSM still has, oldest first; undefined if there is no such parameter. */
  public async history(name: string): Promise<StoredParameter[] | undefined> {
    const versions: StoredParameter[] = [];
    let NextToken: string | undefined;
    do {
      const input = { Name: name, WithDecryption: true, MaxResults: HISTORY_PAGE, NextToken };
      const page = await unlessMissing(this.client.send(new GetParameterHistoryCommand(input)));
      if (!page) return undefined;
      for (const { Value, Version, LastModifiedDate } of page.Parameters ?? []) {
        versions.push({ value: Value!, version: Version!, since: LastModifiedDate });
      }
      NextToken = page.NextToken;
    } while (NextToken);
    return versions.sort((one, other) => one.version - other.version);
  }

  /** Undefined if SSM says that there is no such parameter; no tags do not mean that there is one. */
  public async tags(name: string): Promise<Tags | undefined> {
    const answer = await unlessMissing(this.client.send(new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: name })));
    return answer && Object.fromEntries((answer.TagList ?? []).map(({ Key, Value }) => [Key!, Value!]));
  }

  /** Makes a parameter with its tags in one step, so that none is ever without. */
  public create(name: string, value: string, tags: Tags): Promise<number> {
    return this.put({ Name: name, Value: value, Overwrite: false, Tags: tagList(tags) });
  }

  /** Writes a new version. Where somebody has deleted the parameter meanwhile, it gets its tags again, which SSM does not take with an overwrite. */
  public async overwrite(name: string, value: string, tags?: Tags): Promise<number> {
    const version = await this.put({ Name: name, Value: value, Overwrite: true });
    if (version === 1 && tags) await this.tag(name, tags);
    return version;
  }

  public async tag(name: string, tags: Tags): Promise<void> {
    await this.client.send(new AddTagsToResourceCommand({ ResourceType: 'Parameter', ResourceId: name, Tags: tagList(tags) }));
  }

  /** What is not there any more counts as removed. */
  public async remove(names: Iterable<string>): Promise<void> {
    for (const Names of batches(names)) await this.client.send(new DeleteParametersCommand({ Names }));
  }

  private async put(input: Omit<PutParameterCommandInput, 'Type' | 'Tier'>): Promise<number> {
    try {
      const { Version } = await this.client.send(new PutParameterCommand({ ...input, Type: 'SecureString', Tier: TIER }));
      return Version!;
    } catch (error) {
      throw new WriteRefused(input.Name!, error as Error);
    }
  }
}

function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function* batches(names: Iterable<string>): Generator<string[]> {
  const all = [...new Set(names)];
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH);
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (['ParameterNotFound', 'InvalidResourceId'].includes((error as Error).name)) return undefined;
    throw error;
  }
}
