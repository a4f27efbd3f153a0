import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import type { AmplifyApp } from './amplify-app';
import { branchId } from './amplify-branch-props';
import type { KeptSecrets } from './amplify-operator';
import { readParameters } from './amplify-service-role';
import type { BranchVariable } from './branch-variable';
import type { SecretSource } from './secret-source';
import { isSetByAws, storedName } from './variable-names';
import { PlatformError } from '../errors';
import { display } from '../validate';

/** Whose settings they are. */
export interface BranchSettingsProps {
  readonly app: AmplifyApp;
  readonly branchName: string;
  /** All variables of the branch: the app's, those that come with a shared backend, and its own. */
  readonly variables: { readonly [name: string]: BranchVariable };
}

/** Names as the app wants them. */
export interface VariableNames {
  readonly variables: string[];
  readonly secrets: string[];
  readonly buildSecrets: string[];
}

/** Variables and secrets of one branch, as Amplify, its builds and its server get them. */
export class BranchSettings {
  /** Names, for the build spec. */
  public readonly names: VariableNames;
  /** Variables as Amplify stores them. */
  public readonly environmentVariables: { readonly [name: string]: string };

  private readonly kept: KeptSecrets[];

  constructor(private readonly scope: Construct, private readonly props: BranchSettingsProps) {
    const { app, branchName, variables } = props;
    const secrets = Object.entries(variables).filter(([, variable]) => variable._secret);
    this.names = {
      variables: Object.keys(variables).filter(name => !variables[name]._secret),
      secrets: secrets.map(([name]) => name),
      buildSecrets: secrets.filter(([, variable]) => variable._availableAtBuild).map(([name]) => name),
    };
    const shared = secrets.filter(([name, variable]) => app._props.variables?.[name] === variable);
    const own = sourcesOf(secrets.filter(secret => !shared.includes(secret)));
    this.kept = [
      ...shared.length > 0 ? [app._sharedSecrets()] : [],
      ...Object.keys(own).length > 0 ? [app.operator.keepSecrets(branchId('Secrets', branchName), { branchName, secrets: own })] : [],
    ];
    this.environmentVariables = this.storedVariables();
    app._serviceRole.allowParameters(this.parametersOf(this.names.buildSecrets));
  }

  /** Lets the branch's server read the branch's secrets. */
  public allowServer(role: iam.IRole): void {
    const parameters = this.parametersOf(this.names.secrets);
    if (parameters.length === 0) return;
    new iam.ManagedPolicy(role, 'ReadSecrets', { roles: [role], statements: [readParameters(this.scope, parameters)] });
  }

  /** Remembers the variables when the branch has them, and builds it when its roles may do what they need to. */
  public rememberAfter(executeAfter: IConstruct[], startBuilds: boolean): void {
    const { app, branchName } = this.props;
    app.operator.rememberVariables(branchId('Variables', branchName), { branchName, variables: this.environmentVariables, startBuilds, executeAfter });
  }

  private storedVariables(): { [name: string]: string } {
    const values = this.names.variables.map((name): [string, string] => [name, this.props.variables[name]._valueIn(this.scope)!]);
    for (const [name, value] of values) if (isSetByAws(name)) checkRegion(this.scope, name, value);
    const stored = Object.fromEntries(values.filter(([name]) => !isSetByAws(name)).map(([name, value]) => [storedName(name), value]));
    const parameters = this.parametersOf(this.names.secrets);
    return {
      AMPLIFY_APP_ID: this.props.app.appId,
      ...stored,
      ...parameters.length > 0 ? { SECRET_PARAMETERS: parameters.join(',') } : {},
    };
  }

  /** A branch's own secret counts more than a shared one of the same name. */
  private parametersOf(names: string[]): string[] {
    return names.map(name => this.kept.map(kept => kept.parameterOf(name)).filter(parameter => parameter !== undefined).at(-1)!);
  }
}

/** Where secrets come from, by their names. */
export function sourcesOf(secrets: [string, BranchVariable][]): { [name: string]: SecretSource } {
  return Object.fromEntries(secrets.map(([name, variable]) => [name, variable._secret!]));
}

/** Builds and servers of Amplify are told their own region under this name. */
function checkRegion(where: Construct, name: string, value: string): void {
  const { region } = Stack.of(where);
  if (value === region || Token.isUnresolved(value) || Token.isUnresolved(region)) return;
  throw new PlatformError(where, {
    problem: `${name} is set by AWS, to the region of the app.`,
    got: `${name} ${display(value)} in ${region}`,
    allowed: region,
    fix: `leave ${name} out, or give another region under another name`,
  });
}
