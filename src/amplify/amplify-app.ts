import { Duration, Lazy } from 'aws-cdk-lib';
import * as amplify from 'aws-cdk-lib/aws-amplify';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AmplifyAppProps } from './amplify-app-props';
import { AmplifyBranch } from './amplify-branch';
import { AmplifyBranchOptions, branchId } from './amplify-branch-props';
import { AmplifyDomain, AmplifyDomainOptions } from './amplify-domain';
import { AmplifyPlatform } from './amplify-framework';
import { customHeaders } from './amplify-headers';
import { AmplifyOperator, KeptSecrets } from './amplify-operator';
import { AmplifyPreviews } from './amplify-previews';
import { AmplifyServiceRole } from './amplify-service-role';
import { amplifyWidgets, createAmplifyAlarms, ofApp, watchBuilds } from './amplify-watch';
import { sourcesOf } from './branch-settings';
import { buildSpec } from './build/build-spec';
import { checkMadeBuildSpec, validateAmplifyApp } from './validate-amplify-app';
import { BranchesByName, checkNew } from './validate-amplify-branch';
import { stackWideName } from '../edge/account-wide-name';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { IWatched, WatchedEvents } from '../observability';
import { display } from '../validate';
import { createVisitorPassword } from '../visitor-password';

/**
 * An app of Amplify Hosting whose branches are environments of their own: one build spec for all of them, with each branch's backend, and
 * with a check of its variables before anything is built.
 *
 * Add branches with `addBranch()`. CloudFormation starts no builds; the app's operator does, when a branch is new or its variables have changed.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/welcome.html
 */
export class AmplifyApp extends Construct implements IWatched {
  /** Id of the app. */
  public readonly appId: string;
  /** ARN of the app. */
  public readonly appArn: string;
  /** Amplify's own domain of the app, such as `d2mgxqlhqfnu3l.amplifyapp.com`. Each branch has a name below it. */
  public readonly defaultDomain: string;
  /** The app as CloudFormation has it, for what has no prop here. */
  public readonly app: amplify.CfnApp;
  /** Role that builds branches and deploys their backends. */
  public readonly serviceRole: iam.IRole;
  /** Keeps secrets where branches look for them, remembers variables, and puts earlier ones back. */
  public readonly operator: AmplifyOperator;
  /** Alarms on errors and slow answers of all branches; empty where alarms are off. */
  public readonly alarms: cloudwatch.Alarm[];
  /** Builds that failed; undefined where alarms are off. */
  public readonly events?: WatchedEvents[];

  /** @internal */
  public readonly _profile: EnvironmentProfile;
  /** @internal */
  public readonly _serviceRole: AmplifyServiceRole;
  /** @internal */
  public readonly _serverLog?: logs.LogGroup;
  private readonly previews?: AmplifyPreviews;
  private readonly branchesByName = new Map<string, AmplifyBranch>();
  private password?: secretsmanager.ISecret;
  private sharedSecrets?: KeptSecrets;

  constructor(scope: Construct, id: string, /** @internal */ public readonly _props: AmplifyAppProps) {
    super(scope, id);
    validateAmplifyApp(this, _props);
    const { alarms } = this._profile = _props.profile ?? EnvironmentProfile.production();
    this.previews = _props.pullRequestPreviews && new AmplifyPreviews(this, _props.pullRequestPreviews);

    this._serviceRole = new AmplifyServiceRole(this, 'ServiceRole', {
      role: _props.serviceRole,
      server: this._hasServer,
      previews: this.previews !== undefined,
    });
    if (this.previews) this._serviceRole.allowBackend(this.previews.backend);
    this.serviceRole = this._serviceRole.role;
    this.app = this.createApp();
    this.appId = this.app.attrAppId;
    this.appArn = this.app.attrArn;
    this.defaultDomain = this.app.attrDefaultDomain;
    this._serverLog = this._hasServer ? this.createServerLog() : undefined;
    this.operator = this.createOperator();
    this.alarms = _props.alarms ?? alarms ? createAmplifyAlarms(this, this.appId, _props.latencyThreshold ?? Duration.seconds(3)) : [];
    this.events = _props.alarms ?? alarms ? watchBuilds(this, this.appId, _props.notifyOfSuccess ?? false) : undefined;
  }

  /** The branches, in the order in which they were added. */
  public get branches(): AmplifyBranch[] {
    return [...this.branchesByName.values()];
  }

  /**
   * Adds a branch.
   *
   * @param branchName name in the repository, such as `main` or `feature/login`
   * @throws PlatformError where a required variable is missing, or the backend is shared with a branch that has none of its own
   */
  public addBranch(branchName: string, options: AmplifyBranchOptions = {}): AmplifyBranch {
    checkNew(this, branchName, this._branches);
    return new AmplifyBranch(this, branchId('Branch', branchName), { ...options, app: this, branchName });
  }

  /**
   * A branch that was added.
   *
   * @throws PlatformError where there is none of that name
   */
  public branch(branchName: string): AmplifyBranch {
    const found = this.branchesByName.get(branchName);
    if (found) return found;
    throw new PlatformError(this, {
      problem: 'the app has no such branch.',
      got: `branchName ${display(branchName)}`,
      allowed: [...this.branchesByName.keys()].join(', ') || 'none: no branch was added yet',
      fix: 'add the branch first',
    });
  }

  /** Serves branches under a domain of yours. */
  public addDomain(id: string, options: AmplifyDomainOptions): AmplifyDomain {
    return new AmplifyDomain(this, id, { ...options, app: this });
  }

  /** Requests, errors and latency of all branches together. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return amplifyWidgets(this.appId);
  }

  /** A metric of the app: Requests, 4xxErrors, 5xxErrors, Latency (seconds), BytesDownloaded or BytesUploaded. */
  public metric(metricName: string, statistic: string = 'Sum'): cloudwatch.Metric {
    return ofApp(this.appId, metricName, statistic);
  }

  /** @internal */
  public get _hasServer(): boolean {
    return this._props.framework.platform === AmplifyPlatform.SSR;
  }

  /** @internal */
  public get _branches(): BranchesByName {
    return new Map([...this.branchesByName].map(([branchName, { _props }]) => [branchName, _props]));
  }

  /** @internal */
  public _findBranch(branchName: string): AmplifyBranch | undefined {
    return this.branchesByName.get(branchName);
  }

  /** @internal */
  public _register(branch: AmplifyBranch): void {
    this.branchesByName.set(branch.branchName, branch);
  }

  /** @internal */
  public _isShownInPullRequests(branch: AmplifyBranch): boolean {
    return this.previews?.areOf(branch) ?? false;
  }

  /**
   * The one password of all protected branches.
   * @internal
   */
  public _password(): secretsmanager.ISecret {
    return this.password ??= createVisitorPassword(this, 'Password', {
      description: `Name and password for visitors of protected branches of ${this.node.path}`,
      profile: this._profile,
      encryptionKey: this._props.encryptionKey,
    });
  }

  /**
   * The app's secrets, which are the same for all branches.
   * @internal
   */
  public _sharedSecrets(): KeptSecrets {
    const secrets = Object.entries(this._props.variables ?? {}).filter(([, variable]) => variable._secret);
    return this.sharedSecrets ??= this.operator.keepSecrets('SharedSecrets', { secrets: sourcesOf(secrets) });
  }

  private createApp(): amplify.CfnApp {
    const { appName, repository, framework, rules = [], appRoot, customHeaders: headers = [], buildSize, cookiesInCacheKey = false } = this._props;
    return new amplify.CfnApp(this, 'App', {
      name: appName ?? stackWideName(this, 100),
      repository: repository?.url,
      ...repository?._credentials(),
      platform: framework.platform,
      iamServiceRole: this.serviceRole.roleArn,
      buildSpec: this._props.buildSpec ?? Lazy.string({ produce: () => this.buildSpec() }),
      environmentVariables: Lazy.any({ produce: () => this.environmentVariables() }),
      customHeaders: customHeaders(headers, appRoot),
      customRules: rules.map(({ source, target, status, country }) => ({ source, target, status, condition: country && `<${country}>` })),
      cacheConfig: { type: cookiesInCacheKey ? 'AMPLIFY_MANAGED' : 'AMPLIFY_MANAGED_NO_COOKIES' },
      jobConfig: buildSize && { buildComputeType: buildSize },
      // Without a word of it, what somebody has set in the console would stay.
      basicAuthConfig: { enableBasicAuth: false },
      enableBranchAutoDeletion: false,
    });
  }

  /** Amplify would make the group itself with the first deployment, and keep all logs for ever. */
  private createServerLog(): logs.LogGroup {
    return new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/amplify/${this.appId}`,
      retention: this._profile.logRetentionDays,
      encryptionKey: this._props.encryptionKey,
      removalPolicy: this._profile.removalPolicyWithoutSnapshot,
    });
  }

  private buildSpec(): string {
    const { framework, appRoot, preBuildCommands, postBuildCommands, buildSmokeTest } = this._props;
    const text = buildSpec({
      framework,
      appRoot,
      branches: this.branches.map(branch => branch._plan()),
      previews: this.previews?.plan(),
      preBuildCommands,
      postBuildCommands,
      smokeTest: buildSmokeTest,
    });
    checkMadeBuildSpec(this, text);
    return text;
  }

  /** What branches need is theirs; these are for builds without a branch of this stack, and for Amplify. */
  private environmentVariables(): amplify.CfnApp.EnvironmentVariableProperty[] {
    const { appRoot } = this._props;
    const variables = {
      // Amplify's own default: without any variable, those that the app had before would stay.
      AMPLIFY_DIFF_DEPLOY: 'false',
      ...appRoot === undefined ? {} : { AMPLIFY_MONOREPO_APP_ROOT: appRoot },
      ...this.previews?.environmentVariables(),
    };
    return Object.entries(variables).map(([name, value]) => ({ name, value }));
  }

  private createOperator(): AmplifyOperator {
    const { encryptionKey, pullRequestPreviews } = this._props;
    return new AmplifyOperator(this, 'Operator', {
      appId: this.appId,
      profile: this._profile,
      encryptionKey,
      previewLifetime: pullRequestPreviews?.lifetime,
      previewBackends: this.previews?.backend.deploys,
    });
  }
}
