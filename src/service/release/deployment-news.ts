import { RELEASE_STEP_FAILED, ReleaseStepFailed } from './release-event';
import { Deployment, DeploymentHistory, ListedDeployment, parseArn, Revision } from './release-operator-deployments';

/** An event of ECS or of a release's own step, as EventBridge delivers it and as far as it is read. */
export interface ReleaseEvent {
  readonly 'detail-type': string;
  readonly 'time': string;
  readonly 'resources'?: string[];
  readonly 'detail': object;
}

/** Something about a release that people are told. */
export interface News {
  /** ARN of the service, or of one of its deployments. */
  readonly arn: string;
  /** Subject without the service's name, such as `rolled back`. */
  readonly title: string;
  /** What has happened, in a sentence. */
  readonly what: string;
  readonly when: string;
  readonly reason?: string;
  /** The deployment, where it is known. Else it is the one with that revision, or the newest at that time. */
  readonly serviceDeploymentArn?: string;
  readonly serviceRevision?: string;
  /** The hook that waits for a person. */
  readonly pause?: { readonly hookId: string; readonly stage: string; readonly expiresAt: string };
}

/** A message as a topic takes it. */
export interface Message {
  readonly subject: string;
  readonly text: string;
}

/** What telling needs of the world. */
export interface NewsSurroundings extends DeploymentHistory {
  publish(message: Message): Promise<void>;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
interface DeploymentStateChange {
  readonly eventName: string;
  readonly reason?: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html */
interface HookStateChange {
  readonly hookId: string;
  readonly expiresAt: string;
  readonly lifecycleStage: string;
  readonly serviceArn: string;
  readonly serviceDeploymentArn: string;
}

interface Facts {
  readonly deployment?: Deployment;
  readonly revisions: Revision[];
}

/** SNS takes fewer than 100 characters, and only ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const LONGEST_SUBJECT = 99;
/** A message has 256 KiB; a reason that fills them helps nobody. */
const LONGEST_REASON = 10_000;
/** Longer than any deployment takes. */
const DEPLOYMENT_MILLISECONDS = 60 * 86_400_000;

const CONSOLES: { readonly [partition: string]: string } = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** What ECS does with a release when nobody has answered. */
const AFTER_PAUSE: { readonly [action: string]: string } = { ROLLBACK: ', then it is rolled back', CONTINUE: ', then it goes on' };

/** What an event means to people; nothing where it is no news, such as a release that begins. */
export function newsOf(event: ReleaseEvent): News | undefined {
  switch (event['detail-type']) {
    case 'ECS Deployment State Change': return deploymentNews(event, event.detail as DeploymentStateChange);
    case 'ECS Hook State Change': return pauseNews(event, event.detail as HookStateChange);
    case RELEASE_STEP_FAILED: return stepNews(event, event.detail as ReleaseStepFailed);
    default: return undefined;
  }
}

/** The beginning of a release and of its rollback are the same event; only the reason tells them apart. */
function deploymentNews({ time, resources = [] }: ReleaseEvent, { eventName, reason }: DeploymentStateChange): News | undefined {
  const [arn] = resources;
  if (!arn) return undefined;
  const news = { arn, when: time, reason };
  if (eventName === 'SERVICE_DEPLOYMENT_ROLLBACK_FAILED') return { ...news, title: 'failed to roll back', what: 'failed, and ECS could not go back' };
  if (eventName.startsWith('SERVICE_DEPLOYMENT_ROLLBACK') || /roll(ing|ed) back/i.test(reason ?? '')) {
    return { ...news, title: 'rolled back', what: 'was rolled back' };
  }
  return eventName === 'SERVICE_DEPLOYMENT_FAILED' ? { ...news, title: 'failed', what: 'failed' } : undefined;
}

function stepNews({ time, resources = [] }: ReleaseEvent, { step, reason, serviceRevision }: ReleaseStepFailed): News {
  return { arn: resources[0] ?? serviceRevision, title: `failed: ${step}`, what: `failed in the step ${step}`, when: time, reason, serviceRevision };
}

function pauseNews({ time }: ReleaseEvent, { serviceArn, serviceDeploymentArn, hookId, lifecycleStage: stage, expiresAt }: HookStateChange): News {
  return {
    arn: serviceArn,
    title: 'waits for a person',
    what: 'waits for a person',
    when: time,
    serviceDeploymentArn,
    pause: { hookId, stage, expiresAt },
  };
}

/** Tells people. What ECS does not answer is left out; a message that is not taken is the caller's failure. */
export async function tell(news: News, world: NewsSurroundings): Promise<void> {
  const message = write(news, await learn(news, world));
  await world.publish(message);
  world.log({ told: message.subject, service: news.arn });
}

async function learn(news: News, world: NewsSurroundings): Promise<Facts> {
  try {
    const deployment = await findDeployment(news, world);
    const arns = [...sourcesOf(deployment), targetOf(news, deployment)].filter(arn => arn !== undefined);
    return { deployment, revisions: arns.length > 0 ? await world.revisions(arns) : [] };
  } catch (error) {
    world.log({ service: news.arn, problem: `the message goes out without versions: ${error}` });
    return { revisions: [] };
  }
}

async function findDeployment({ arn, when, serviceDeploymentArn, serviceRevision }: News, world: NewsSurroundings): Promise<Deployment | undefined> {
  if (serviceDeploymentArn) return world.describe(serviceDeploymentArn);
  const time = Date.parse(when);
  const listed = await world.list(parseArn(arn), { createdAfter: new Date(time - DEPLOYMENT_MILLISECONDS) });
  const isMeant = serviceRevision
    ? ({ targetServiceRevisionArn: target }: ListedDeployment) => target === serviceRevision
    : ({ createdAt }: ListedDeployment) => Number(createdAt) <= time;
  const candidates = listed.filter(isMeant);
  const newest = candidates.sort((one, other) => Number(other.createdAt) - Number(one.createdAt))[0]?.serviceDeploymentArn;
  return newest === undefined ? undefined : world.describe(newest);
}

function sourcesOf(deployment?: Deployment): (string | undefined)[] {
  return (deployment?.sourceServiceRevisions ?? []).map(({ arn }) => arn);
}

function targetOf(news: News, deployment?: Deployment): string | undefined {
  return deployment?.targetServiceRevision?.arn ?? news.serviceRevision;
}

function write(news: News, { deployment, revisions }: Facts): Message {
  const { cluster, service, ...place } = parseArn(news.arn);
  const describe = (arn?: string) => describeVersion(revisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn));
  const sources = sourcesOf(deployment).map(describe);
  const reasons = [news.reason, deployment?.statusReason, deployment?.rollback?.reason].filter(reason => reason);
  const lines = [
    `The release of ${service} ${news.what}.`,
    '',
    `service: ${service}`,
    `cluster: ${cluster}`,
    ...deployment && sources.length === 0 ? ['from: nothing, this was the first release'] : sources.flatMap(version => labelled('from', version)),
    ...labelled('to', describe(targetOf(news, deployment))),
    ...[...new Set(reasons)].flatMap(reason => labelled('reason', reason!.slice(0, LONGEST_REASON).split('\n'))),
    ...labelled('alarms', joined(deployment?.alarms?.triggeredAlarmNames)),
    ...labelled('state', deployment?.status),
    `when: ${news.when}`,
    ...labelled('deployment', deployment?.serviceDeploymentArn ?? news.serviceDeploymentArn),
    `console: https://${CONSOLES[place.partition] ?? 'console.aws.amazon.com'}/ecs/v2/clusters/${cluster}/services/${service}/deployments?region=${place.region}`,
    ...choices(news, place.region, deployment),
  ];
  return { subject: subject(`Release of ${service} ${news.title}`), text: lines.join('\n') };
}

/** A line, and what follows it indented; nothing for nothing. */
function labelled(label: string, value?: string | string[]): string[] {
  const [first, ...rest] = value === undefined ? [] : [value].flat();
  return first === undefined ? [] : [`${label}: ${first}`, ...rest.map(line => `  ${line}`)];
}

function joined(names: string[] = []): string | undefined {
  return names.length > 0 ? names.join(', ') : undefined;
}

/** The task definition's family and number, then the image of each container. */
function describeVersion(revision?: Revision): string[] {
  if (!revision) return [];
  const images = (revision.containerImages ?? []).map(({ containerName, image = '', imageDigest }) =>
    `${containerName}: ${imageDigest === undefined || image.includes(imageDigest) ? image : `${image} (${imageDigest})`}`);
  return [revision.taskDefinition?.split('/').pop() ?? 'unknown', ...images];
}

/** What the person can do: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/continue-service-deployment.html */
function choices({ pause, serviceDeploymentArn }: News, region: string, deployment?: Deployment): string[] {
  if (!pause) return [];
  const action = deployment?.lifecycleHookDetails?.find(({ hookId }) => hookId === pause.hookId)?.timeoutAction;
  const command = `aws ecs continue-service-deployment --region ${region} --service-deployment-arn ${serviceDeploymentArn} --hook-id ${pause.hookId} --action`;
  return [
    `stage: ${pause.stage}`,
    `until: ${pause.expiresAt}${AFTER_PAUSE[action ?? ''] ?? ''}`,
    '',
    'To continue:',
    `  ${command} CONTINUE`,
    'To roll back:',
    `  ${command} ROLLBACK`,
  ];
}

function subject(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, LONGEST_SUBJECT);
}
