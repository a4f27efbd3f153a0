import { join, relative, resolve } from 'path';
import { attachCustomSynthesis, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { planDelivery } from './delivery-plan';
import { deliveryWorkflows } from './delivery-workflows';
import type { GithubDeliveryProps } from './github-delivery-props';
import { checkStacks, validateGithubDelivery } from './validate-github-delivery';
import { repositoryAround, staleFiles, writeFiles } from './written-files';
import { PlatformError } from '../errors';

const CHECK_VARIABLE = 'CDK_WEB_PLATFORM_CHECK';
const CHECK_CONTEXT = 'cdk-web-platform:check';

/**
 * The road from a push to production on GitHub: workflows in `.github/workflows` that each synth of the app keeps up to date. It makes no resource.
 *
 * A push is tested, its images are built once, and the app is synthesized once, with their digests. That assembly and those images go to the first
 * environment, are smoke-tested there, and after an approval go on to the next one as they are. Further workflows tell a pull request what it would
 * change, bring a release back, and look every night for what was changed by hand.
 *
 * Jobs that run the team's code have no right in AWS; those that deploy run no code of the team's and sign in with a role, for no longer than
 * they take. The role's ARN is the variable DELIVERY_ROLE_ARN of each environment on GitHub, and no key is stored anywhere.
 */
export class GithubDelivery extends Construct {
  private readonly files: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, private readonly props: GithubDeliveryProps) {
    super(scope, id);
    validateGithubDelivery(this, props);

    this.files = deliveryWorkflows(planDelivery(props), this.node.path);
    attachCustomSynthesis(this, { onSynthesize: () => this.keep() });
  }

  /** The workflows' texts by their files' names. */
  public get workflows(): { [file: string]: string } {
    return Object.fromEntries(this.files);
  }

  /** When all constructs have been validated, and never while they are made. */
  private keep(): void {
    checkStacks(this, this.props, this.node.root.node.findAll().filter(Stack.isStack));
    const folder = join(this.findRepository(), '.github', 'workflows');
    const files = new Map([...this.files].map(([name, text]) => [join(folder, name), text]));
    const stale = staleFiles(files);
    if (stale.size === 0) return;
    if (this.isCheck()) throw this.refusal(stale);
    writeFiles(new Map([...stale.keys()].map(path => [path, files.get(path)!])));
    console.error(`${this.node.path} wrote ${[...stale.keys()].map(path => relative(process.cwd(), path)).join(', ')}: commit it.`);
  }

  private findRepository(): string {
    const given = this.props.repositoryRoot;
    const found = given === undefined ? repositoryAround(process.cwd()) : resolve(given);
    if (found) return found;
    throw new PlatformError(this, {
      problem: 'there is no repository to write workflows to.',
      got: `no .git in ${process.cwd()} or above`,
      allowed: 'an app that runs in a repository, or repositoryRoot',
      fix: 'run `git init`, or set repositoryRoot',
    });
  }

  private isCheck(): boolean {
    const context: unknown = this.node.tryGetContext(CHECK_CONTEXT);
    return this.props.check ?? (String(context) === 'true' || !['', '0', 'false', undefined].includes(process.env[CHECK_VARIABLE]));
  }

  private refusal(stale: ReadonlyMap<string, string>): PlatformError {
    const names = [...stale].map(([path, what]) => `${relative(process.cwd(), path)} is ${what}`);
    const error = new PlatformError(this, {
      problem: 'the workflows are not what the app says.',
      got: names.join(', '),
      allowed: 'workflows as the app writes them',
      fix: 'run `npx cdk synth` without the check, and commit what it writes',
    });
    // The way through CDK's synthesis tells nobody what to do; the message does.
    error.stack = `${error.name}: ${error.message}`;
    return error;
  }
}
