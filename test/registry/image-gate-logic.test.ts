import { answer, findDigest, GateEvent, GateOutcome, GateProperties, openGate } from '../../src/registry/image-gate-logic';

const URI = '111111111111.dkr.ecr.eu-central-1.amazonaws.com/shop';
const [A, B, C] = ['a', 'b', 'c'].map(letter => `sha256:${letter.repeat(64)}`);

function image(tag: string, changes: Partial<GateProperties> = {}): GateProperties {
  return { RepositoryName: 'shop', RepositoryUri: URI, RegistryId: '111111111111', Tag: tag, WaitSeconds: '3300', ...changes };
}

function event(changes: Partial<GateEvent>): GateEvent {
  return {
    RequestType: 'Create',
    ResponseURL: 'http://127.0.0.1',
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Gate',
    ResourceProperties: image('v1'),
    ...changes,
  };
}

const create = () => event({});
const update = (from: string, to: string, physicalResourceId: string) => event({
  RequestType: 'Update', PhysicalResourceId: physicalResourceId, OldResourceProperties: image(from), ResourceProperties: image(to),
});

/** A registry whose images appear at given seconds, and a clock that only sleeping moves. */
class World {
  public seconds = 0;
  public readonly lines: { [key: string]: unknown }[] = [];
  public looks = 0;

  constructor(
    private readonly images: { [tag: string]: { digest: string; at?: number } } = {},
    private readonly failing: (seconds: number) => object | undefined = () => undefined,
    private readonly invocationSeconds = 900,
  ) {}

  public async run(request: GateEvent): Promise<GateOutcome> {
    const start = this.seconds;
    return openGate(request, {
      findDigest: async ({ Tag }) => {
        this.looks++;
        const failure = this.failing(this.seconds);
        if (failure) throw failure;
        const found = this.images[Tag];
        return found && (found.at ?? 0) <= this.seconds ? found.digest : undefined;
      },
      now: () => this.seconds * 1000,
      sleep: async milliseconds => { this.seconds += milliseconds / 1000; },
      remaining: () => (start + this.invocationSeconds - this.seconds) * 1000,
      log: line => this.lines.push(line as { [key: string]: unknown }),
    });
  }

  /** All invocations, one after the other, as the function calls itself. */
  public async runToTheEnd(request: GateEvent): Promise<GateOutcome> {
    const outcome = await this.run(request);
    return outcome.kind === 'continue' ? this.runToTheEnd({ ...request, deadline: outcome.deadline }) : outcome;
  }
}

describe('the first deployment', () => {
  test('goes on at once where the image is there', async () => {
    const world = new World({ v1: { digest: A } });

    expect(await world.run(create())).toEqual({ kind: 'open', digest: A, physicalResourceId: `v1@${A}` });
    expect(world.seconds).toBe(0);
  });

  test('goes on with the digest that was named, and with no other', async () => {
    const named = (digest: string) => event({ ResourceProperties: image('v1', { Digest: digest }) });
    expect(await new World({ v1: { digest: A } }).run(named(A))).toMatchObject({ kind: 'open', digest: A });
    const outcome = await new World({ v1: { digest: A } }).run(named(B));
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining(`${URI}:v1 is ${A}, and should be ${B}. No service was touched.`) });
  });

  test('does not go on with a remembered digest in place of the one that was named', async () => {
    const request = { ...update('v2', 'v1', `v2@${B},v1@${A}`), ResourceProperties: image('v1', { Digest: C }) };
    expect(await new World().run(request)).toMatchObject({ kind: 'failed', reason: expect.stringContaining(`is ${A}, and should be ${C}`) });
  });

  test('goes on when the image comes, and logs each look', async () => {
    const world = new World({ v1: { digest: A, at: 100 } });

    expect(await world.run(create())).toMatchObject({ kind: 'open', digest: A });
    expect(world.seconds).toBe(105);
    expect(world.lines).toHaveLength(8);
    expect(world.lines[0]).toMatchObject({ image: `${URI}:v1`, found: false, secondsLeft: 3300 });
  });

  test('waits on in further invocations for an image that takes half an hour', async () => {
    const world = new World({ v1: { digest: A, at: 1800 } });

    expect((await world.run(create())).kind).toBe('continue');
    expect(world.seconds).toBeLessThanOrEqual(900 - 30);
    world.seconds = 0;
    expect(await world.runToTheEnd(create())).toMatchObject({ kind: 'open', digest: A });
  });

  test('fails with the commands to type when no image comes in time', async () => {
    const world = new World();

    const outcome = await world.runToTheEnd(create());
    expect(outcome).toEqual({
      kind: 'failed',
      reason: [
        `There is no image ${URI}:v1 (waited 55 minutes). Push it, then deploy again:`,
        'aws ecr get-login-password --region eu-central-1 | docker login --username AWS --password-stdin 111111111111.dkr.ecr.eu-central-1.amazonaws.com',
        `docker build --tag ${URI}:v1 .`,
        `docker push ${URI}:v1`,
      ].join('\n'),
    });
    expect(world.seconds).toBeLessThanOrEqual(3300);
    expect(world.seconds).toBeGreaterThan(3200);
  });

  test('into another repository waits too, and forgets the digests of the old one', async () => {
    const request = event({
      RequestType: 'Update',
      PhysicalResourceId: `v1@${A}`,
      OldResourceProperties: image('v1', { RepositoryName: 'old' }),
    });

    expect(await new World({ v1: { digest: B, at: 600 } }).run(request)).toEqual({ kind: 'open', digest: B, physicalResourceId: `v1@${B}` });
  });
});

describe('a later deployment', () => {
  test('remembers the digest of the deployment before', async () => {
    expect(await new World({ v2: { digest: B } }).run(update('v1', 'v2', `v1@${A}`)))
      .toEqual({ kind: 'open', digest: B, physicalResourceId: `v2@${B},v1@${A}` });
    expect(await new World({ v3: { digest: C } }).run(update('v2', 'v3', `v2@${B},v1@${A}`)))
      .toMatchObject({ physicalResourceId: `v3@${C},v2@${B}` });
  });

  test('with a tag that is not there fails within a minute', async () => {
    const world = new World({ v1: { digest: A } });

    const outcome = await world.run(update('v1', 'v2', `v1@${A}`));
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/no image .*:v2 \(waited a minute; no service was touched\)[^]*docker push .*:v2$/) });
    expect(world.seconds).toBeLessThanOrEqual(60);
  });

  test('whose push is seconds late goes on', async () => {
    expect(await new World({ v2: { digest: B, at: 20 } }).run(update('v1', 'v2', `v1@${A}`))).toMatchObject({ kind: 'open', digest: B });
  });

  test('that changes nothing but the wait keeps the physical id', async () => {
    expect(await new World({ v1: { digest: A } }).run(update('v1', 'v1', `v1@${A}`))).toMatchObject({ physicalResourceId: `v1@${A}` });
  });
});

describe('a rollback', () => {
  // CloudFormation sends the new physical id, or the old one where the update of the gate itself failed.
  test.each([['after the gate had opened', `v2@${B},v1@${A}`], ['after the gate had refused', `v1@${A}`]])(
    'to a tag that lifecycle has removed %s goes on at once with the digest it had', async (_, physicalResourceId) => {
      const world = new World({ v2: { digest: B } });

      expect(await world.run(update('v2', 'v1', physicalResourceId))).toMatchObject({ kind: 'open', digest: A });
      expect(world.seconds).toBe(0);
      expect(world.lines.at(-1)).toMatchObject({ remembered: A });
    });

  test('to a tag that is there looks it up', async () => {
    expect(await new World({ v1: { digest: A } }).run(update('v2', 'v1', `v2@${B},v1@${A}`)))
      .toEqual({ kind: 'open', digest: A, physicalResourceId: `v1@${A},v2@${B}` });
  });

  test('of a creation deletes, which needs nothing', async () => {
    const world = new World();

    expect(await world.run(event({ RequestType: 'Delete', PhysicalResourceId: `v1@${A}` }))).toEqual({ kind: 'open', physicalResourceId: `v1@${A}` });
    expect(await world.run(event({ RequestType: 'Delete' }))).toEqual({ kind: 'open', physicalResourceId: 'Gate' });
    expect(world.looks).toBe(0);
  });
});

describe('a registry that does not answer', () => {
  const refusal = (name: string, httpStatusCode?: number) => Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

  test.each([['ThrottlingException', 400], ['ServerException', 500], ['TimeoutError', undefined]])('%s is waited out', async (name, status) => {
    const world = new World({ v1: { digest: A } }, seconds => seconds < 300 ? refusal(name, status) : undefined);

    expect(await world.run(create())).toMatchObject({ kind: 'open', digest: A });
    expect(world.lines[0]).toMatchObject({ found: false, problem: `${name}: no` });
  });

  test('a network that is down, without an answer of AWS, is waited out', async () => {
    expect(await new World({ v1: { digest: A } }, seconds => seconds < 60 ? new Error('ECONNREFUSED') : undefined).run(create())).toMatchObject({ digest: A });
  });

  test('rights that take a moment to arrive are waited for', async () => {
    expect(await new World({ v1: { digest: A } }, seconds => seconds < 45 ? refusal('AccessDeniedException', 400) : undefined).run(create()))
      .toMatchObject({ kind: 'open' });
  });

  test.each(['RepositoryNotFoundException', 'AccessDeniedException'])('%s that stays is told after a minute, with the repository', async name => {
    const world = new World({}, () => refusal(name, 400));

    expect(await world.run(create())).toEqual({
      kind: 'failed',
      reason: `Cannot look for the tag v1 in the repository shop of account 111111111111. ${name}: no`,
    });
    expect(world.seconds).toBe(60);
  });

  test('only a tag that is not there counts as no image', async () => {
    expect(await findDigest(async () => ({ imageDetails: [{ imageDigest: A }] }))).toBe(A);
    expect(await findDigest(async () => ({}))).toBeUndefined();
    expect(await findDigest(async () => { throw refusal('ImageNotFoundException', 400); })).toBeUndefined();
    await expect(findDigest(async () => { throw refusal('RepositoryNotFoundException', 400); })).rejects.toThrow('no');
  });

  test('an answer that CloudFormation never takes fails after four attempts', async () => {
    const pauses: number[] = [];
    jest.spyOn(global, 'fetch').mockResolvedValue(new Response('', { status: 403 }));

    await expect(answer(create(), { kind: 'failed', reason: 'x' }, async milliseconds => { pauses.push(milliseconds); })).rejects.toThrow('answered 403');
    expect(pauses).toEqual([1000, 2000, 3000]);
    jest.restoreAllMocks();
  });

  test('an address of another form still gives commands', async () => {
    const world = new World();
    const request = event({ RequestType: 'Update', OldResourceProperties: image('v0'), ResourceProperties: image('v1', { RepositoryUri: 'localhost/shop' }) });

    expect(await world.run(request)).toMatchObject({ reason: expect.stringContaining('--region <region>') });
  });
});
