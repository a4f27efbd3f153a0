import { Fn, Stack } from 'aws-cdk-lib';
import * as amplify from 'aws-cdk-lib/aws-amplify';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AmplifyBranchProps, AmplifyStage, stageOf } from './amplify-branch-props';
import { AmplifyPlatform } from './amplify-framework';
import { AmplifyJobStatus, createBuildsRule } from './amplify-watch';
import { BranchBackend } from './branch-backend';
import { BranchSettings } from './branch-settings';
import type { PlannedBranch } from './build/plan';
import { validateAmplifyBranch, variablesOf } from './validate-amplify-branch';
import { PlatformError } from '../errors';

/**
 * A branch of an Amplify app: an environment with a backend, variables, secrets and a role of its own.
 *
 * Grants go to the role of its server, which only an app with one has: `table.grantReadWrite(branch)`.
 */
export class AmplifyBranch extends Construct implements iam.IGrantable {
  /** Name of the branch in the repository. */
  public readonly branchName: string;
  /** Address of the branch below Amplify's own domain. */
  public readonly url: string;
  /** What the branch is for. */
  public readonly stage: AmplifyStage;
  /** Amplify Gen 2 backend of the branch. */
  public readonly backend: BranchBackend;
  /** The branch as CloudFormation has it, for what has no prop here. */
  public readonly branch: amplify.CfnBranch;
  /** Role of the branch's server; undefined for an app without one. */
  public readonly computeRole?: iam.IRole;
  /** Whether browsers are asked for a name and a password. */
  public readonly passwordProtected: boolean;

  /** @internal */
  public readonly _settings: BranchSettings;

  constructor(scope: Construct, id: string, /** @internal */ public readonly _props: AmplifyBranchProps) {
    super(scope, id);
    validateAmplifyBranch(this, _props);
    const { app, branchName, backend = BranchBackend.none(), passwordProtected = false } = _props;
    this.branchName = branchName;
    this.backend = backend;
    this.passwordProtected = passwordProtected;
    this.stage = stageOf(branchName, _props);
    // In lower case, as browsers say where they come from.
    this.url = `https://${branchName.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.${app.defaultDomain}`;

    this._settings = new BranchSettings(this, { app, branchName, variables: variablesOf(app._props, _props, app._branches) });
    this.computeRole = app._hasServer ? this.createComputeRole() : undefined;
    this.branch = this.createBranch();
    app._serviceRole.allowBackend(backend);
    const neededByBuilds = [this.branch, app._serviceRole, app._serverLog, this.computeRole].filter(needed => needed !== undefined);
    this._settings.rememberAfter(neededByBuilds, _props.autoBuild ?? true);
    app._register(this);
  }

  /** The events of the branch's deployments that succeeded, such as for `SmokeTests.executeOn()`. AWS delivers them as best it can. */
  public deploymentRule(): events.Rule {
    const { app, branchName } = this._props;
    const made = this.node.tryFindChild('Deployments') as events.Rule | undefined;
    return made ?? createBuildsRule(this, 'Deployments', { appId: app.appId, branchName, statuses: [AmplifyJobStatus.SUCCEEDED] });
  }

  /** The role of the branch's server. */
  public get grantPrincipal(): iam.IPrincipal {
    if (this.computeRole) return this.computeRole;
    throw new PlatformError(this, {
      problem: 'an app without a server has no role that rights could be given to.',
      got: `framework with platform ${AmplifyPlatform.STATIC}`,
      allowed: `grants to branches of apps with platform ${AmplifyPlatform.SSR}`,
      fix: 'choose a framework with a server, or give rights to what the browser signs in with',
    });
  }

  /**
   * Secrets are no variables: whether they are there is known when they are kept.
   * @internal
   */
  public _plan(): PlannedBranch {
    const { names } = this._settings;
    const requires = (this._props.app._props.requires ?? []).filter(name => !names.secrets.includes(name));
    return { name: this.branchName, backend: this.backend, requires, ...names };
  }

  /**
   * The trust that Amplify documents has no condition, and one on a key that Amplify does not send would lock it out.
   *
   * @see https://docs.aws.amazon.com/amplify/latest/userguide/amplify-SSR-compute-role.html
   */
  private createComputeRole(): iam.Role {
    const role = new iam.Role(this, 'ComputeRole', {
      // IAM takes no other signs here, and branches may have them in their names.
      description: `Server of branch ${this.branchName} of ${this._props.app.node.path}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000),
      assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com'),
    });
    this._settings.allowServer(role);
    return role;
  }

  private createBranch(): amplify.CfnBranch {
    const { app, autoBuild = true, skewProtection = true, description } = this._props;
    return new amplify.CfnBranch(this, 'Branch', {
      appId: app.appId,
      branchName: this.branchName,
      description,
      stage: this.stage,
      framework: app._props.framework.label,
      computeRoleArn: this.computeRole?.roleArn,
      enableAutoBuild: autoBuild,
      enableSkewProtection: skewProtection,
      enablePullRequestPreview: app._isShownInPullRequests(this),
      basicAuthConfig: this.basicAuthConfig(),
      environmentVariables: Object.entries(this._settings.environmentVariables).map(([name, value]) => ({ name, value })),
    });
  }

  /** Left out, what was set before would stay. Where it is off, the required fields are ignored; auditors want no password as text all the same. */
  private basicAuthConfig(): amplify.CfnBranch.BasicAuthConfigProperty {
    if (!this.passwordProtected) return { enableBasicAuth: false, username: 'nobody', password: Fn.select(2, Fn.split('/', Stack.of(this).stackId)) };
    const password = this._props.app._password();
    return {
      enableBasicAuth: true,
      username: password.secretValueFromJson('username').unsafeUnwrap(),
      password: password.secretValueFromJson('password').unsafeUnwrap(),
    };
  }
}
