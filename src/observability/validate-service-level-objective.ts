import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { ServiceLevelObjectiveProps } from './service-level-objective';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, display } from '../validate';

/** Below, 14.4 times the budget would be more than all requests, and the alarm could never fire. */
const LOWEST = 94;
const HIGHEST = 99.999;

/** Refuses what cannot be promised. */
export function validateServiceLevelObjective(where: IConstruct, props: ServiceLevelObjectiveProps): void {
  checkGiven(where, 'indicator', props?.indicator, 'a ServiceLevelIndicator');
  checkKind(where, 'indicator', props.indicator, '_counts', 'a ServiceLevelIndicator');
  props.indicator._validate(where);
  checkObjective(where, props.objectivePercent);
  checkInteger(where, 'minimumBadRequests', props.minimumBadRequests, 1, 1_000_000);
  checkKind(where, 'profile', props.profile, 'alarms', 'an EnvironmentProfile');
  checkBoolean(where, 'alarms', props.alarms);
}

function checkObjective(where: IConstruct, objective: unknown): void {
  checkKnown(where, 'objectivePercent', objective);
  if (objective === undefined || (typeof objective === 'number' && objective >= LOWEST && objective <= HIGHEST)) return;
  throw new PlatformError(where, {
    problem: objective === 100 || objective === 1
      ? 'a promise without an error budget is broken by the first failed request, and nothing could ever be released.'
      : 'objectivePercent is not a share that can be promised and watched.',
    got: `objectivePercent ${Token.isUnresolved(objective) ? 'as a token' : display(objective)}`,
    allowed: `${LOWEST} to ${HIGHEST}`,
    fix: 'set objectivePercent to what users need, such as 99.9, or leave it out',
  });
}
