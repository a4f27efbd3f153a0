import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { planDelivery } from './delivery-plan';
import { deliveryWorkflows } from './delivery-workflows';
import type { GithubDeliveryProps } from './github-delivery-props';
import { keepWorkflows } from './kept-workflows';
import { checkStacks, validateGithubDelivery } from './validate-github-delivery';

/**
 * The road from a push to production on GitHub: workflows in `.github/workflows` that each synth of the app keeps up to date. It makes no resource.
 *
 * A push is tested, its images are built once, and the app is synthesized once, with their digests. That assembly and those images go to the first
 * environment, are smoke-tested there, and after an approval go on to the next one as they are. Further workflows tell a pull request what it would
 * change, bring a release back, and look every night for what was changed by hand.
 *
 * Jobs that run the team's code have no right in AWS; those that deploy run none of it, and sign in with a role for no longer than they take. The
 * role's ARN is the variable DELIVERY_ROLE_ARN of each environment on GitHub, and no key is stored anywhere.
 */
export class GithubDelivery extends Construct {
  private readonly files: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, props: GithubDeliveryProps) {
    super(scope, id);
    validateGithubDelivery(this, props);

    this.files = deliveryWorkflows(planDelivery(props), this.node.path);
    const [[mark]] = [...this.files.values()].map(text => text.split('\n', 1));
    keepWorkflows(this, this.files, { ...props, mark }, () => checkStacks(this, props, this.node.root.node.findAll().filter(Stack.isStack)));
  }

  /** The workflows' texts by their files' names. */
  public get workflows(): { [file: string]: string } {
    return Object.fromEntries(this.files);
  }
}
