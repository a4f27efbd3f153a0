import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ReleaseHook } from './release-hook';
import { ReleasePause } from '../../environment';

/** What ECS calls and waits for during a release, and what makes it turn back. */
export interface ReleaseControls {
  readonly hooks: readonly ReleaseHook[];
  readonly pause?: ReleasePause;
  readonly alarms: readonly cloudwatch.Alarm[];
}

/**
 * Tells the service of its hooks, its pause and its alarms. Written to the resource itself: the L2 has neither the details of a hook nor
 * pauses, and takes alarms by names that would have to be physical ones.
 */
export function controlReleases(scope: Construct, service: ecs.FargateService, { hooks, pause, alarms }: ReleaseControls): void {
  const resource = service.node.findChild('Service') as ecs.CfnService;
  if (alarms.length > 0) {
    resource.addPropertyOverride('DeploymentConfiguration.Alarms', { AlarmNames: alarms.map(alarm => alarm.alarmName), Enable: true, Rollback: true });
  }
  const lifecycleHooks = [
    ...hooks.length > 0 ? renderHooks(resource, createHookRole(scope, hooks), hooks) : [],
    ...pause ? [renderPause(pause)] : [],
  ];
  if (lifecycleHooks.length > 0) resource.addPropertyOverride('DeploymentConfiguration.LifecycleHooks', lifecycleHooks);
}

/** The role with which ECS calls the hooks: these functions and nothing else. */
function createHookRole(scope: Construct, hooks: readonly ReleaseHook[]): iam.Role {
  const role = new iam.Role(scope, 'HookRole', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: hooks.map(({ handler }) => handler.functionArn) })],
  });
  return role;
}

function renderHooks(service: ecs.CfnService, role: iam.Role, hooks: readonly ReleaseHook[]): object[] {
  service.node.addDependency(role, ...hooks.map(({ handler }) => handler));
  return hooks.map(({ stage, handler, details }) => ({
    HookTargetArn: handler.functionArn,
    RoleArn: role.roleArn,
    LifecycleStages: [stage],
    HookDetails: details,
  }));
}

/** After the tests and before any user: the one stage of the kind that a canary passes once, not at each of its steps. */
function renderPause({ timeout }: ReleasePause): object {
  return {
    TargetType: 'PAUSE',
    LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
    TimeoutConfiguration: { TimeoutInMinutes: timeout.toMinutes(), Action: 'ROLLBACK' },
  };
}

