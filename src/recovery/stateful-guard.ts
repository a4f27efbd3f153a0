import { rmSync } from 'fs';
import { join, resolve } from 'path';
import { attachCustomSynthesis, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { compare } from './stateful-guard-comparison';
import { awaitsLookups, takeInventory } from './stateful-guard-inventory';
import { EMPTY_LOCK, lockText, readLock, writeLock } from './stateful-guard-lock';
import { lossError, outdatedError, writtenNotice } from './stateful-guard-messages';
import { STATEFUL_TYPES } from './stateful-guard-types';
import { checkOutsideAssembly, checkOwnLockFile, validateStatefulGuard } from './stateful-guard-validation';
import { PlatformError } from '../errors';

/** Properties of `StatefulGuard`. */
export interface StatefulGuardProps {
  /**
   * The lock file, from the directory in which the app runs, which is where `cdk.json` is. It belongs into the repository. An app that makes
   * other stacks for each environment or branch needs one for each, such as `` `stateful.${environment}.lock.json` ``.
   * @default 'stateful.lock.json'
   */
  readonly lockFile?: string;
  /**
   * Whether this synth runs in a pipeline, which commits nothing: a lock file that is out of date is refused there instead of written.
   * @default - whether a variable such as `CI` is set: of GitHub, GitLab, CodeBuild (and with it CDK Pipelines), Jenkins, Azure, TeamCity
   */
  readonly ci?: boolean;
  /**
   * Further types to guard, such as `AWS::SQS::Queue`, `AWS::Logs::LogGroup` or `AWS::ElasticLoadBalancingV2::TargetGroup`. Of a type that the
   * guard has no list of create-only properties for, only the logical id is guarded.
   * @default - none besides what keeps state
   */
  readonly additionalTypes?: string[];
}

const PIPELINES = ['CI', 'CODEBUILD_BUILD_ID', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION'];

/**
 * Fails the synth when a resource that keeps state would disappear, get another logical id or be replaced, compared with a lock file in the
 * team's repository. It guards all stacks of the app, stage or stack that it is given, nested ones too, and makes no resource.
 *
 * What a team should know:
 * - The first synth writes the lock file, later ones add what is new: commit it. A pipeline only compares.
 * - Where a loss is meant, its entry gets `"allow": "<reason>"`. The next synth takes the entry out and keeps the reason under `released`.
 * - It compares templates. What was changed or upgraded by hand in the account, it does not see.
 * - Every command of the CDK that synthesizes fails with it: `synth`, `diff`, `deploy`, and `list` too.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
export class StatefulGuard extends Construct {
  /** Absolute path of the lock file. */
  public readonly lockFile: string;

  private readonly guardedTypes: ReadonlySet<string>;
  private readonly ci: boolean;

  constructor(private readonly scope: Construct, id: string, props: StatefulGuardProps = {}) {
    super(scope, id);
    validateStatefulGuard(this, scope, props);
    this.lockFile = resolve(props.lockFile ?? 'stateful.lock.json');
    this.guardedTypes = new Set([...STATEFUL_TYPES, ...props.additionalTypes ?? []]);
    this.ci = props.ci ?? PIPELINES.some(name => !['', '0', 'false', undefined].includes(process.env[name]));

    const others = guardsUnder(this.node.root).filter(guard => guard !== this);
    checkOwnLockFile(this, this.lockFile, others.map(({ node, lockFile }) => ({ path: node.path, lockFile })));
    const stage = Stage.of(this)!;
    if (!others.some(guard => Stage.of(guard) === stage)) runAfterSynthesis(stage);
  }

  /** @internal */
  public _compare(): void {
    try {
      this.compare();
    } catch (error) {
      throw error instanceof PlatformError ? this.refusal(error) : error;
    }
  }

  private compare(): void {
    checkOutsideAssembly(this, this.lockFile, Stage.of(this)!.outdir);
    if (awaitsLookups(this.node.root)) return;
    const inventory = takeInventory(this.scope, this.guardedTypes);
    const lock = readLock(this.lockFile);
    const { findings, next } = compare(lock ?? EMPTY_LOCK, inventory);
    if (findings.length > 0) throw lossError(this.lockFile, findings);
    // Compared as content: another line ending or indentation is no other lock.
    if (lock && lockText(lock) === lockText(next)) return;
    if (this.ci) throw outdatedError(this.lockFile, lock, next);
    writeLock(this.lockFile, next);
    console.error(writtenNotice(this.lockFile, lock, next, inventory));
  }

  private refusal(error: PlatformError): PlatformError {
    // The templates are written: with the manifest of an earlier synth beside them, `cdk deploy --app cdk.out` would deploy them.
    rmSync(join((this.node.root as Stage).outdir, 'manifest.json'), { force: true });
    // The way through CDK's synthesis tells nobody what to do; the message does.
    error.stack = `${error.name}: ${error.message}\n    at ${this.node.path}`;
    return error;
  }
}

/**
 * After the last template of the stage was written. A plugin of `Validations` would come at this time too, but the CLI (2.1148) takes the failure that
 * one reports with aws-cdk-lib 2.257 for none, and goes on to deploy.
 */
function runAfterSynthesis(stage: Stage): void {
  attachCustomSynthesis(stage, {
    onSynthesize: () => guardsUnder(stage).filter(guard => Stage.of(guard) === stage).forEach(guard => guard._compare()),
  });
}

function guardsUnder(construct: Construct | Stage['node']['root']): StatefulGuard[] {
  return construct.node.findAll().filter(child => child instanceof StatefulGuard);
}
