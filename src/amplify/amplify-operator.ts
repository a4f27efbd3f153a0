import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, IConstruct, IDependable } from 'constructs';
import { AmplifyOperatorFunction } from './amplify-operator-function';
import { AmplifyOperatorProps, KeepSecretsOptions, RememberVariablesOptions } from './amplify-operator-props';
import { operatorRights, SourceRights } from './amplify-operator-rights';
import { refuseTwice, validateAmplifyOperator, validateKeepSecrets, validateRememberVariables } from './amplify-operator-validation';
import { AmplifyJobStatus, createBuildsRule } from './amplify-watch';
import { libraryPath } from './operator/branch-paths';
import { stackWideName } from '../edge/account-wide-name';
import { EnvironmentProfile } from '../environment';
import { createHelperFunction } from '../helper-function';

/** Twice the patience of the function, and time for fifty parameters, of which SSM takes three a second. */
const HANDLER_TIMEOUT = Duration.minutes(8);
const RESOURCE_TIMEOUT = HANDLER_TIMEOUT.plus(Duration.minutes(1));

interface ResourceProperties {
  readonly [name: string]: unknown;
}

/**
 * What an Amplify app needs done that CloudFormation does not: secrets that are kept where Gen 2 looks for them, a memory of the variables
 * of each branch and a way back to earlier ones, first builds, and an end for forgotten previews. Also for an app that was made in the console.
 *
 * Invoke `function` by hand with
 * `{"refreshSecrets": true}` to carry new values of secrets now instead of within the hour;
 * `{"variables": "production"}` to see which versions of a branch's variables there are, by names without values;
 * `{"restoreVariables": "production", "version": "previous"}`, or with a number, to give a branch the variables back that it had, and build it;
 * `{"removePreviews": true}` to remove forgotten previews now.
 *
 * @see https://docs.amplify.aws/react/deploy-and-host/fullstack-branching/secrets-and-vars/
 */
export class AmplifyOperator extends Construct {
  /** The function, for events of yours. */
  public readonly function: lambda.IFunction;
  /** @internal */
  public readonly _sourcesPath: string;

  private readonly handler: lambda.Function;
  private readonly kept: KeptSecrets[] = [];
  private readonly sources: SourceRights;
  private refresh?: events.Rule;
  private builds?: events.Rule;

  constructor(scope: Construct, id: string, private readonly props: AmplifyOperatorProps) {
    super(scope, id);
    validateAmplifyOperator(this, props);
    this._sourcesPath = `${libraryPath(props.appId)}/sources/${stackWideName(this, 100)}`;
    this.handler = this.createHandler(props.profile ?? EnvironmentProfile.production());
    this.function = this.handler;
    this.sources = new SourceRights(this, this.handler.role!);
    if (props.previewLifetime) this.schedule('RemovePreviews', 'Removes forgotten previews', Duration.days(1), { removePreviews: true });
  }

  /**
   * Keeps secrets of a branch, or of all branches, where Amplify Gen 2 looks for them: as SecureStrings, encrypted with the account's own key.
   * New values of their sources follow within the hour. They are removed with the resource; what somebody else made is never touched:
   * a parameter of the same name that is there already fails the deployment.
   *
   * @throws PlatformError if one of the names is kept for the same branch already
   */
  public keepSecrets(id: string, options: KeepSecretsOptions): KeptSecrets {
    return new KeptSecrets(this, id, { operator: this, ...options });
  }

  /**
   * Remembers the variables of a branch, as versions of an encrypted parameter, and builds the branch when they or its secrets have changed.
   * Where they change during a build, the branch is built again when that has ended. Changed secrets wait for the next build then.
   * An app without a repository is never built, nor is one on the way back of a failed deployment.
   */
  public rememberVariables(id: string, options: RememberVariablesOptions): void {
    validateRememberVariables(this, options);
    const { branchName, variables, startBuilds, executeAfter } = options;
    if (startBuilds) this.builds ??= this.followBuilds();
    const read = () => this.kept.filter(kept => kept._branchName === undefined || kept._branchName === branchName);
    this._createResource(this, id, 'Custom::AmplifyVariables', {
      AppId: this.props.appId,
      BranchName: branchName,
      Variables: variables,
      Secrets: Lazy.list({ produce: () => read().map(kept => kept._revision) }, { omitEmpty: true }),
      StartBuilds: startBuilds,
    }, executeAfter);
  }

  /** @internal */
  public _createResource(scope: Construct, id: string, resourceType: string, properties: ResourceProperties, after: IDependable[]): CustomResource {
    const resource = new CustomResource(scope, id, {
      resourceType,
      serviceToken: this.handler.functionArn,
      serviceTimeout: RESOURCE_TIMEOUT,
      properties,
    });
    resource.node.addDependency(this.node.findChild('Role'), ...after);
    return resource;
  }

  /** @internal */
  public _keep(kept: KeptSecrets, { branchName, secrets }: KeepSecretsOptions): CustomResource {
    const rights = this.sources.add(Object.values(secrets).flatMap(source => source._statements(kept)));
    const sources = Object.entries(secrets).map(([name, source]) => ({ name, ...source._description() }));
    const properties = { AppId: this.props.appId, BranchName: branchName, Sources: sources };
    const resource = this._createResource(kept, 'Resource', 'Custom::AmplifySecrets', properties, rights);
    this.describe(kept, resource, { appId: this.props.appId, ...branchName === undefined ? {} : { branchName }, sources });
    this.kept.push(kept);
    return resource;
  }

  /** @internal */
  public _refuseKeptTwice(kept: KeptSecrets, { branchName, secrets }: KeepSecretsOptions): void {
    const known = this.kept.filter(other => other._branchName === branchName);
    const twice = Object.keys(secrets).find(name => known.some(other => other.parameterOf(name) !== undefined));
    if (twice !== undefined) refuseTwice(kept, branchName, twice);
  }

  /** Where the schedule finds what is kept. CloudFormation takes it away before the secrets, so that none is written again after that. */
  private describe(kept: KeptSecrets, resource: CustomResource, set: object): void {
    const { logicalId } = resource.node.defaultChild as unknown as { readonly logicalId: string };
    const description = new ssm.StringParameter(kept, 'Sources', {
      description: 'Where the secrets of an Amplify app come from, without their values',
      parameterName: `${this._sourcesPath}/${stackWideName(kept, 100)}`,
      simpleName: false,
      stringValue: Stack.of(this).toJsonString({ ...set, owner: { stackId: Stack.of(kept).stackId, resource: logicalId } }),
      tier: ssm.ParameterTier.INTELLIGENT_TIERING,
    });
    description.node.addDependency(resource);
    // Secrets Manager tells of a new value only through a trail, which an account may not have.
    const doing = 'Carries new values of secrets to where Amplify looks';
    this.refresh ??= this.schedule('RefreshSecrets', doing, Duration.hours(1), { refreshSecrets: true });
    this.refresh.node.addDependency(resource);
  }

  private createHandler(profile: EnvironmentProfile): lambda.Function {
    const { appId, encryptionKey, previewLifetime, previewBackends = false } = this.props;
    const branches = previewLifetime !== undefined;
    return createHelperFunction(this, AmplifyOperatorFunction, {
      statements: operatorRights(this, appId, { branches, backends: branches && previewBackends }),
      logRetentionDays: profile.logRetentionDays,
      removalPolicy: profile.removalPolicyWithoutSnapshot,
      encryptionKey,
      description: 'Keeps secrets and remembers variables of an Amplify app',
      memorySize: 256,
      timeout: HANDLER_TIMEOUT,
      environment: {
        APP_ID: appId,
        SOURCES_PATH: this._sourcesPath,
        ...previewLifetime ? {
          PREVIEW_LIFETIME_HOURS: String(previewLifetime.toHours({ integral: false })),
          PREVIEW_BACKENDS: String(previewBackends),
        } : {},
      },
    });
  }

  /** A change during a build would wait for the next push otherwise. */
  private followBuilds(): events.Rule {
    const { SUCCEEDED, FAILED } = AmplifyJobStatus;
    const rule = createBuildsRule(this, 'BuildAgain', { appId: this.props.appId, statuses: [SUCCEEDED, FAILED] });
    rule.addTarget(this.target({ buildEnded: events.EventField.fromPath('$.detail.branchName') }));
    return rule;
  }

  private target(event: object): targets.LambdaFunction {
    return new targets.LambdaFunction(this.handler, { event: events.RuleTargetInput.fromObject(event) });
  }

  private schedule(id: string, description: string, rate: Duration, event: object): events.Rule {
    return new events.Rule(this, id, {
      description,
      schedule: events.Schedule.rate(rate),
      targets: [this.target(event)],
    });
  }
}

/** Properties of `KeptSecrets`. */
export interface KeptSecretsProps extends KeepSecretsOptions {
  /** Who keeps them. */
  readonly operator: AmplifyOperator;
}

/** Secrets of a branch, or of all branches of an app, where Amplify Gen 2 looks for them. */
export class KeptSecrets extends Construct {
  /** Path of the parameters, which is known at deployment: `/amplify/<app>/<branch>-branch-<hash>`, or `/amplify/shared/<app>`. */
  public readonly path: string;
  /** Full names of the parameters, in the order of the secrets. */
  public readonly parameterNames: string[];
  /** What was created once the secrets are there. */
  public readonly ready: IConstruct;

  /** @internal */
  public readonly _branchName?: string;
  /**
   * Another text whenever a deployment has changed a value.
   * @internal
   */
  public readonly _revision: string;
  private readonly names: string[];

  constructor(scope: Construct, id: string, props: KeptSecretsProps) {
    super(scope, id);
    validateKeepSecrets(this, props);
    props.operator._refuseKeptTwice(this, props);
    this._branchName = props.branchName;
    this.names = Object.keys(props.secrets);
    const resource = props.operator._keep(this, props);
    this.ready = resource;
    this.path = resource.getAttString('Path');
    this._revision = resource.getAttString('Revision');
    this.parameterNames = this.names.map(name => `${this.path}/${name}`);
  }

  /** Full name of the parameter that keeps a secret; undefined if no secret of that name is among them. */
  public parameterOf(name: string): string | undefined {
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.parameterNames[index];
  }
}
