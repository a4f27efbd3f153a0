import { IConstruct } from 'constructs';
import type { AmplifyMultiBranchAppProps } from './amplify-multi-branch-app-props';
import { checkGivenParts, GivenParts } from './given-parts';
import { isProtected } from '../amplify/amplify-branch-props';
import { validateAmplifyApp } from '../amplify/validate-amplify-app';
import { validateBranchOf, validateBranchOptions } from '../amplify/validate-amplify-branch';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkList, checkMap } from '../validate';

const GIVEN_PARTS: GivenParts<AmplifyMultiBranchAppProps> = [
  ['monitoring', ['alertTopic', 'alertEmails']],
];

/** Refuses a wrong app before anything of it is made: its branches are looked at together. */
export function validateAmplifyMultiBranchApp(where: IConstruct, props: AmplifyMultiBranchAppProps): void {
  const branches = 'branches by their names, such as { main: { backend: BranchBackend.own() } }';
  checkGiven(where, 'branches', props?.branches, branches);
  checkMap(where, 'branches', props.branches);
  if (Object.keys(props.branches).length === 0) checkGiven(where, 'branches', undefined, branches);
  validateAmplifyApp(where, props);
  for (const [branchName, options] of Object.entries(props.branches)) {
    checkGiven(where, `branches ${branchName}`, options, 'options of the branch, such as {}');
    checkMap(where, `branches ${branchName}`, options);
    validateBranchOptions(where, branchName, options);
  }
  const branchesByName = new Map(Object.entries(props.branches));
  for (const branchName of branchesByName.keys()) validateBranchOf(where, props, branchName, branchesByName);
  checkBoolean(where, 'nonProductionPassword', props.nonProductionPassword);
  checkList(where, 'smokeTests', props.smokeTests);
  checkList(where, 'alertEmails', props.alertEmails);
  checkKind(where, 'alertTopic', props.alertTopic, 'topicArn', 'an sns.ITopic');
  checkKind(where, 'monitoring', props.monitoring, 'watch', 'a Monitoring');
  checkGivenParts(where, props, GIVEN_PARTS);
  checkTestable(where, props);
}

/** The tests know no password. */
function checkTestable(where: IConstruct, { smokeTests, branches, nonProductionPassword }: AmplifyMultiBranchAppProps): void {
  const open = Object.entries(branches).some(([branchName, options]) => !isProtected(branchName, options, nonProductionPassword));
  if (!smokeTests || open) return;
  throw new PlatformError(where, {
    problem: 'smoke tests know no password, and every branch asks for one.',
    got: `smokeTests, nonProductionPassword ${nonProductionPassword ?? false}, and branches ${Object.keys(branches).join(', ')}`,
    allowed: 'a branch without a password',
    fix: 'leave smokeTests out, or test by buildSmokeTest before a branch is deployed',
  });
}
