/** An error as AWS gives it. */
export class AwsError extends Error {
  constructor(name: string, message: string = name) {
    super(message);
    this.name = name;
  }
}

interface Version {
  readonly value: string;
  readonly version: number;
  readonly time: Date;
}

interface Parameter {
  readonly type: string;
  versions: Version[];
  readonly tags: Map<string, string>;
  readonly tier?: string;
  readonly keyId?: string;
}

/** A call of an API. */
export interface Call {
  readonly action: string;
  readonly input: any;
}

/** Answers calls of one API, in memory, and fails where a test says so. */
export abstract class StandIn {
  public readonly calls: Call[] = [];
  /** Thrown instead of an answer, as often as it answers something. */
  public fault: (call: Call, number: number) => Error | undefined = () => undefined;

  /** As a client of the SDK. */
  public get client(): never {
    return { send: async (command: object & { input: object }) => this.handle(command.constructor.name.replace(/Command$/, ''), command.input) } as never;
  }

  public handle(action: string, input: any): any {
    const call = { action, input };
    this.calls.push(call);
    const fault = this.fault(call, this.calls.length);
    if (fault) throw fault;
    const answer = (this as unknown as { [action: string]: ((input: any) => any) | undefined })[action];
    if (!answer) throw new AwsError('UnknownOperationException', action);
    return answer.call(this, input);
  }

  public callsOf(action: string): any[] {
    return this.calls.filter(call => call.action === action).map(({ input }) => input);
  }
}

/** Parameter Store as it is documented: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export class SsmStandIn extends StandIn {
  public readonly parameters = new Map<string, Parameter>();
  /** Names that lists leave out, because they were made a moment ago. */
  public readonly unlisted = new Set<string>();
  /** As an emulator does. */
  public listsTagsOfNothing = false;
  public now = new Date('2027-03-01T12:00:00Z');

  /** What somebody else makes. */
  public make(name: string, value: string, tags: { [key: string]: string } = {}, type = 'SecureString'): void {
    this.parameters.set(name, { type, versions: [{ value, version: 1, time: this.now }], tags: new Map(Object.entries(tags)) });
  }

  public value(name: string): string | undefined {
    return this.parameters.get(name)?.versions.at(-1)!.value;
  }

  /** Current values by name. */
  public get values(): { [name: string]: string } {
    return Object.fromEntries([...this.parameters.keys()].sort().map(name => [name, this.value(name)!]));
  }

  public tagsOf(name: string): { [key: string]: string } {
    return Object.fromEntries(this.parameters.get(name)?.tags ?? []);
  }

  protected PutParameter({ Name, Value, Type, Overwrite = false, Tags = [], Tier, KeyId }: any): object {
    if (!/^(\/[\w.-]+)+$/.test(Name) || Name.split('/').length > 16) throw new AwsError('ValidationException', `Parameter name ${Name}`);
    // As AWS does, it quotes.
    if (!Value || Buffer.byteLength(Value) > 8192 || Value.includes('{{')) throw new AwsError('ValidationException', `Value '${Value}' at 'value' failed to satisfy constraint`);
    if (Buffer.byteLength(Value) > 4096 && Tier !== 'Advanced' && Tier !== 'Intelligent-Tiering') throw new AwsError('ValidationException', 'Standard tier parameters support a maximum of 4096');
    if (Overwrite && Tags.length > 0) throw new AwsError('ValidationException', "Invalid request: tags and overwrite can't be used together.");
    const before = this.parameters.get(Name);
    if (before && !Overwrite) throw new AwsError('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.');
    if (!before && !Type) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
    for (const { Key, Value: tag } of Tags) checkTag(Key, tag);
    const version = (before?.versions.at(-1)!.version ?? 0) + 1;
    const parameter = before ?? { type: Type, versions: [], tags: new Map(Tags.map((tag: any) => [tag.Key, tag.Value])), tier: Tier, keyId: KeyId };
    parameter.versions = [...parameter.versions, { value: Value, version, time: this.now }].slice(-100);
    this.parameters.set(Name, parameter);
    return { Version: version, Tier: 'Standard' };
  }

  protected GetParameters({ Names, WithDecryption }: any): object {
    checkBatch(Names);
    const has = (name: string) => this.parameters.has(name);
    const Parameters = (Names as string[]).filter(has).map(name => this.shown(name, WithDecryption));
    return { Parameters, InvalidParameters: (Names as string[]).filter(name => !has(name)) };
  }

  protected GetParametersByPath({ Path, Recursive, WithDecryption, MaxResults = 10, NextToken }: any): object {
    if (MaxResults > 10) throw new AwsError('ValidationException', 'maxResults');
    const names = [...this.parameters.keys()].filter(name => !this.unlisted.has(name) && name.startsWith(`${Path}/`) && (Recursive || !name.slice(Path.length + 1).includes('/'))).sort();
    const { page, next } = paged(names, MaxResults, NextToken);
    return { Parameters: page.map(name => this.shown(name, WithDecryption)), NextToken: next };
  }

  protected GetParameterHistory({ Name, WithDecryption, MaxResults = 50, NextToken }: any): object {
    if (MaxResults > 50) throw new AwsError('ValidationException', 'maxResults');
    const { type, versions } = this.existing(Name, 'ParameterNotFound');
    const { page, next } = paged(versions, MaxResults, NextToken);
    return {
      Parameters: page.map(({ value, version, time }) => (
        { Name, Type: type, Version: version, LastModifiedDate: time, Value: shownValue(value, type, WithDecryption) })),
      NextToken: next,
    };
  }

  protected ListTagsForResource({ ResourceType, ResourceId }: any): object {
    if (ResourceType !== 'Parameter') throw new AwsError('InvalidResourceType');
    if (this.listsTagsOfNothing && !this.parameters.has(ResourceId)) return { TagList: [] };
    return { TagList: [...this.existing(ResourceId, 'InvalidResourceId').tags].map(([Key, Value]) => ({ Key, Value })) };
  }

  protected AddTagsToResource({ ResourceId, Tags }: any): object {
    const { tags } = this.existing(ResourceId, 'InvalidResourceId');
    for (const { Key, Value } of Tags) {
      checkTag(Key, Value);
      tags.set(Key, Value);
    }
    return {};
  }

  protected DeleteParameters({ Names }: any): object {
    checkBatch(Names);
    const deleted = (Names as string[]).filter(name => this.parameters.delete(name));
    return { DeletedParameters: deleted, InvalidParameters: (Names as string[]).filter(name => !deleted.includes(name)) };
  }

  private existing(name: string, error: string): Parameter {
    const parameter = this.parameters.get(name);
    if (!parameter) throw new AwsError(error);
    return parameter;
  }

  private shown(name: string, decrypted: boolean): object {
    const { type, versions } = this.parameters.get(name)!;
    const { value, version, time } = versions.at(-1)!;
    return { Name: name, Type: type, Value: shownValue(value, type, decrypted), Version: version, LastModifiedDate: time };
  }
}

function shownValue(value: string, type: string, decrypted: boolean): string {
  return type === 'SecureString' && !decrypted ? `AQICAH${'x'.repeat(value.length)}` : value;
}

function checkBatch(names: string[]): void {
  if (names.length < 1 || names.length > 10 || new Set(names).size < names.length) throw new AwsError('ValidationException', 'names');
}

function checkTag(key: string, value: string): void {
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) throw new AwsError('ValidationException', 'tags');
}

export function paged<T>(items: T[], size: number, token?: string): { page: T[]; next?: string } {
  const start = token ? Number(token) : 0;
  const end = start + size;
  return { page: items.slice(start, end), next: end < items.length ? String(end) : undefined };
}
