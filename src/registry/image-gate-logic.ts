/*
 * The gate's decisions, apart from everything that is AWS's. The image's digest is remembered in the physical id, because
 * the event of a rollback says nothing but the tag, and lifecycle may have removed that image meanwhile: running tasks
 * still have it, and the rolled-back task definition must name the same digest or ECS would start a deployment that fails.
 */

import { answerCloudFormation, CustomResourceRequest } from '../custom-resource-answer';

/** What the template says. */
export interface GateProperties {
  readonly RepositoryName: string;
  readonly RepositoryUri: string;
  /** Account of the repository. */
  readonly RegistryId: string;
  readonly Tag: string;
  /** What the tag has to be, where somebody knows. */
  readonly Digest?: string;
  /** How long the first deployment waits. */
  readonly WaitSeconds: string;
}

/** CloudFormation's request, or the gate's own continuation of it. */
export interface GateEvent extends CustomResourceRequest {
  readonly ResourceProperties: GateProperties;
  readonly OldResourceProperties?: GateProperties;
  /** When waiting ends, in milliseconds since 1970; only in a continuation. */
  readonly deadline?: number;
}

/** What the gate needs of the world. */
export interface GateSurroundings {
  /** Digest of the image with that tag, nothing where there is none. */
  findDigest(image: GateProperties): Promise<string | undefined>;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Milliseconds that this invocation may still take. */
  remaining(): number;
  log(line: object): void;
}

/** The image is there, will not come, or must be waited for in a further invocation. */
export type GateOutcome =
  | { readonly kind: 'open'; readonly physicalResourceId: string; readonly digest?: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'continue'; readonly deadline: number };

/** Time between two looks into the registry. */
export const POLL_MILLISECONDS = 15_000;
/** What an update waits for a tag, and anybody for rights and repositories that have just been made. */
export const PATIENCE_MILLISECONDS = 60_000;
/** What an invocation keeps for its answer. */
export const RESERVE_MILLISECONDS = 30_000;

/** Looks for the image as long as this kind of deployment should wait for it. */
export async function openGate(event: GateEvent, world: GateSurroundings): Promise<GateOutcome> {
  if (event.RequestType === 'Delete') return { kind: 'open', physicalResourceId: event.PhysicalResourceId ?? event.LogicalResourceId };

  const image = event.ResourceProperties;
  const memory = remembered(event);
  const start = world.now();
  const deadline = event.deadline ?? start + (waitsLong(event) ? Number(image.WaitSeconds) * 1000 : PATIENCE_MILLISECONDS);
  for (;;) {
    const look = await lookFor(image, world);
    world.log({ image: `${image.RepositoryUri}:${image.Tag}`, found: look.digest ?? false, problem: look.problem, secondsLeft: secondsUntil(deadline, world) });

    const known = memory.get(image.Tag);
    const found = look.digest ?? (look.problem ? undefined : known);
    if (found && image.Digest && found !== image.Digest) return { kind: 'failed', reason: anotherDigest(image, found) };
    if (look.digest) return opened(image.Tag, look.digest, memory);
    if (known && !look.problem) {
      world.log({ image: `${image.RepositoryUri}:${image.Tag}`, remembered: known, note: 'no longer in the registry; going on with the digest it had' });
      return opened(image.Tag, known, memory);
    }
    if (look.problem && !look.passing && world.now() - start >= PATIENCE_MILLISECONDS) return { kind: 'failed', reason: cannotLook(image, look.problem) };
    if (world.now() + POLL_MILLISECONDS > deadline) return { kind: 'failed', reason: notThere(image, event) };
    if (world.remaining() < POLL_MILLISECONDS + RESERVE_MILLISECONDS) return { kind: 'continue', deadline };
    await world.sleep(POLL_MILLISECONDS);
  }
}

/** The first deployment, or the first into another repository: the image is pushed meanwhile. */
function waitsLong({ RequestType, ResourceProperties, OldResourceProperties }: GateEvent): boolean {
  return RequestType === 'Create' || ResourceProperties.RepositoryName !== OldResourceProperties?.RepositoryName;
}

interface Look {
  readonly digest?: string;
  readonly problem?: string;
  /** Whether the problem goes away by waiting. */
  readonly passing?: boolean;
}

async function lookFor(image: GateProperties, world: GateSurroundings): Promise<Look> {
  try {
    return { digest: await world.findDigest(image) };
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    return { problem: `${name}: ${message}`, passing: /throttl|toomanyrequests|limitexceeded/i.test(name) || status === undefined || status === 429 || status >= 500 };
  }
}

function opened(tag: string, digest: string, memory: Map<string, string>): GateOutcome {
  const before = [...memory].filter(([known]) => known !== tag).slice(0, 1);
  return { kind: 'open', digest, physicalResourceId: [[tag, digest], ...before].map(pair => pair.join('@')).join(',') };
}

/** Digests of this deployment's tag and of the one before, from the physical id. Another repository makes them worthless. */
function remembered({ PhysicalResourceId, ResourceProperties, OldResourceProperties }: GateEvent): Map<string, string> {
  if (ResourceProperties.RepositoryName !== OldResourceProperties?.RepositoryName) return new Map();
  const pairs = (PhysicalResourceId ?? '').split(',').map(pair => pair.split('@') as [string, string]);
  return new Map(pairs.filter(([, digest]) => digest?.startsWith('sha256:')));
}

function secondsUntil(deadline: number, world: GateSurroundings): number {
  return Math.max(0, Math.round((deadline - world.now()) / 1000));
}

function notThere(image: GateProperties, event: GateEvent): string {
  const name = `${image.RepositoryUri}:${image.Tag}`;
  const waited = waitsLong(event) ? `${Math.round(Number(image.WaitSeconds) / 60)} minutes` : 'a minute; no service was touched';
  return [`There is no image ${name} (waited ${waited}). Push it, then deploy again:`, ...pushCommands(image)].join('\n');
}

function anotherDigest({ RepositoryUri, Tag, Digest }: GateProperties, found: string): string {
  return `${RepositoryUri}:${Tag} is ${found}, and should be ${Digest}. No service was touched. Push the right image under another tag, and deploy that.`;
}

function cannotLook(image: GateProperties, problem: string): string {
  return `Cannot look for the tag ${image.Tag} in the repository ${image.RepositoryName} of account ${image.RegistryId}. ${problem}`;
}

function pushCommands({ RepositoryUri, Tag }: GateProperties): string[] {
  const host = RepositoryUri.split('/')[0];
  const region = host.split('.')[3] ?? '<region>';
  return [
    `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${host}`,
    `docker build --tag ${RepositoryUri}:${Tag} .`,
    `docker push ${RepositoryUri}:${Tag}`,
  ];
}

/** ECR's answer about one tag, as far as it is read. */
export interface DescribedImages {
  readonly imageDetails?: { readonly imageDigest?: string }[];
}

/** Digest of the tag that is described; nothing where the repository has no such tag. */
export async function findDigest(describe: () => Promise<DescribedImages>): Promise<string | undefined> {
  try {
    return (await describe()).imageDetails?.[0]?.imageDigest;
  } catch (error) {
    if ((error as Error).name === 'ImageNotFoundException') return undefined;
    throw error;
  }
}

/** Tells CloudFormation what came of it. */
export async function answer(event: GateEvent, outcome: Exclude<GateOutcome, { kind: 'continue' }>, pause: (milliseconds: number) => Promise<void>): Promise<void> {
  await answerCloudFormation(event, outcome.kind === 'failed'
    ? { Status: 'FAILED', Reason: outcome.reason, PhysicalResourceId: event.PhysicalResourceId ?? event.LogicalResourceId }
    : { Status: 'SUCCESS', PhysicalResourceId: outcome.physicalResourceId, Data: { Digest: outcome.digest } }, pause);
}
