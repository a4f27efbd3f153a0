import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AmplifyMultiBranchAppProps } from './amplify-multi-branch-app-props';
import { validateAmplifyMultiBranchApp } from './validate-amplify-multi-branch-app';
import { AmplifyApp, AmplifyBranch, AmplifyBranchOptions, AmplifyDomain } from '../amplify';
import { isProtected } from '../amplify/amplify-branch-props';
import { Budget } from '../cost';
import { createProfileKey } from '../encryption/profile-key';
import { EnvironmentProfile } from '../environment';
import { Monitoring } from '../observability';
import { tellReport } from '../report-facts';
import { SmokeTest, SmokeTests } from '../service';

/**
 * One Amplify app whose branches are environments: each with its backend or another's, its variables and secrets, and none of their values in git.
 * It composes the public blocks and holds no resource of its own.
 */
export class AmplifyMultiBranchApp extends Construct {
  /** What differs between environments. */
  public readonly profile: EnvironmentProfile;
  /** Key that encrypts logs, messages and the password of protected branches. */
  public readonly encryptionKey?: kms.IKey;
  /** The app. Add branches here, not there: what the pattern gives to its branches is not given there. */
  public readonly app: AmplifyApp;
  /** Domain under which branches are served. */
  public readonly domain?: AmplifyDomain;
  /** Tests of what was deployed. */
  public readonly smokeTests?: SmokeTests;
  /** Alarms, dashboard and where alarms are sent. */
  public readonly monitoring: Monitoring;
  /** Budget of Amplify's costs. */
  public readonly budget?: Budget;

  constructor(scope: Construct, id: string, private readonly props: AmplifyMultiBranchAppProps) {
    super(scope, id);
    validateAmplifyMultiBranchApp(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    tellReport(this, { profile: this.profile.name });

    this.encryptionKey = props.encryptionKey ?? createProfileKey(this, this.profile);
    this.app = new AmplifyApp(this, 'App', { ...props, profile: this.profile, encryptionKey: this.encryptionKey });
    this.createBranches();
    this.domain = props.domain && this.app.addDomain('Domain', props.domain);
    this.smokeTests = props.smokeTests && this.createSmokeTests(props.smokeTests);
    for (const branch of this.app.branches) this.test(branch);
    this.monitoring = props.monitoring ?? this.createMonitoring();
    this.budget = props.monthlyBudget === undefined ? undefined : this.createBudget(props.monthlyBudget);
    this.monitoring.watch(this.app);
    if (this.smokeTests) this.monitoring.watch(this.smokeTests);
  }

  /**
   * A branch of the app.
   *
   * @throws PlatformError where there is none of that name
   */
  public branch(branchName: string): AmplifyBranch {
    return this.app.branch(branchName);
  }

  /**
   * Adds a branch as those of `branches` are: with a password where `nonProductionPassword` asks for one, and tested by `smokeTests` otherwise.
   *
   * @param branchName name in the repository, such as `main` or `feature/login`
   */
  public addBranch(branchName: string, options: AmplifyBranchOptions = {}): AmplifyBranch {
    const passwordProtected = isProtected(branchName, options, this.props.nonProductionPassword);
    const branch = this.app.addBranch(branchName, { ...options, passwordProtected });
    this.test(branch);
    return branch;
  }

  /** Address of a branch, under the app's own domain where it has one there. */
  public urlOf(branchName: string): string {
    return this.domain?.urlOf(branchName) ?? this.branch(branchName).url;
  }

  /** A backend is there before those who share it. */
  private createBranches(): void {
    const branches = Object.entries(this.props.branches);
    const sharing = branches.filter(([, { backend }]) => backend?.sharedBranch !== undefined);
    const others = branches.filter(branch => !sharing.includes(branch));
    for (const [branchName, options] of [...others, ...sharing]) this.addBranch(branchName, options);
  }

  /** A branch does not exist before its first build, which no deployment of the stack waits for. */
  private createSmokeTests(tests: SmokeTest[]): SmokeTests {
    const { profile, encryptionKey, props: { alarms } } = this;
    const url = this.urlOf(this.app.branches.find(({ passwordProtected }) => !passwordProtected)!.branchName);
    return new SmokeTests(this, 'SmokeTests', { profile, encryptionKey, alarms, url, tests, atDeployment: false });
  }

  private test(branch: AmplifyBranch): void {
    if (!branch.passwordProtected) this.smokeTests?.executeOn(branch.deploymentRule(), this.urlOf(branch.branchName));
  }

  private createMonitoring(): Monitoring {
    const { profile, encryptionKey, props: { alarms, alertTopic, alertEmails } } = this;
    return new Monitoring(this, 'Monitoring', { profile, encryptionKey, alarms, topic: alertTopic, emails: alertEmails });
  }

  private createBudget(monthlyLimit: number): Budget {
    return new Budget(this, 'Budget', { monthlyLimit, services: ['AWS Amplify'], topic: this.monitoring.topic });
  }
}
