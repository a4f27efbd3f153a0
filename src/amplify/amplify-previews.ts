import type { AmplifyApp } from './amplify-app';
import type { PullRequestPreviews } from './amplify-app-props';
import type { AmplifyBranch } from './amplify-branch';
import { AmplifyStage } from './amplify-branch-props';
import { BranchBackend, resolveBackend } from './branch-backend';
import type { PlannedPreviews } from './build/plan';
import { backendsOf, checkRequired, variablesOf } from './validate-amplify-branch';
import { isSetByAws, previewName } from './variable-names';
import { PlatformError } from '../errors';

/**
 * What pull requests get. Amplify gives their builds the app's variables only, never a branch's, and gives the app's variables to all branches too:
 * under names of their own, one that a branch lacks is not taken from here in silence.
 */
export class AmplifyPreviews {
  /** Backend of each pull request. */
  public readonly backend: BranchBackend;

  constructor(private readonly app: AmplifyApp, private readonly props: PullRequestPreviews) {
    this.backend = props.backend ?? BranchBackend.none();
  }

  /** Whether pull requests to a branch are shown. */
  public areOf({ branchName, stage }: AmplifyBranch): boolean {
    return this.props.targetBranches?.includes(branchName) ?? stage !== AmplifyStage.PRODUCTION;
  }

  /** For the build spec, when all branches are known. */
  public plan(): PlannedPreviews {
    return { backend: this.backend, requires: this.requires(), variables: Object.keys(this.texts()) };
  }

  /** As the app stores them, also for a build spec that is not made here. */
  public environmentVariables(): { [name: string]: string } {
    this.check();
    const stored = Object.entries(this.texts()).filter(([name]) => !isSetByAws(name));
    return Object.fromEntries(stored.map(([name, value]) => [previewName(name), value]));
  }

  private check(): void {
    this.checkTargets();
    resolveBackend(this.app, 'pull requests', this.backend, backendsOf(this.app._branches));
    checkRequired(this.app, 'pull requests', this.requires(), Object.keys(this.texts()), 'pullRequestPreviews.variables');
  }

  /** Without what is a secret on every branch: pull requests get none. */
  private requires(): string[] {
    const { requires = [] } = this.app._props;
    return requires.filter(name => !this.app.branches.every(branch => branch._settings.names.secrets.includes(name)));
  }

  private texts(): { [name: string]: string } {
    const variables = variablesOf(this.app._props, this.props, this.app._branches);
    return Object.fromEntries(Object.entries(variables).flatMap(([name, variable]) => {
      const value = variable._valueIn(this.app);
      return value === undefined ? [] : [[name, value]];
    }));
  }

  private checkTargets(): void {
    const known = this.app.branches.map(({ branchName }) => branchName);
    const unknown = (this.props.targetBranches ?? []).filter(name => !known.includes(name));
    if (unknown.length === 0 && known.some(name => this.areOf(this.app._findBranch(name)!))) return;
    throw new PlatformError(this.app, {
      problem: unknown.length > 0 ? 'pull requests are to be shown of branches that the app does not have.' : 'pull requests are to be shown, and of no branch.',
      got: `pullRequestPreviews.targetBranches ${JSON.stringify(this.props.targetBranches ?? 'left out')}`,
      allowed: known.join(', ') || 'none: the app has no branches',
      fix: 'name targetBranches, of these',
    });
  }
}
