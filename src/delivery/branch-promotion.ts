import { Construct } from 'constructs';
import { BRANCH_PATTERN } from './branch-patterns';
import { PROMOTE } from './delivery-news-scripts';
import { CHECK_SETTINGS, SMOKE_TEST } from './delivery-scripts';
import { keepWorkflows } from './kept-workflows';
import { checkApprovers, checkUrl, known, validateApprovers, validateRepository } from './validate-github-delivery';
import { Job, LINUX_RUNNER, workflowText } from './workflow-pieces';
import { PlatformError } from '../errors';
import type { SmokeTest } from '../service/release/smoke-test';
import { planSmokeTests, validateSmokeTests } from '../service/release/smoke-test-validation';
import { checkBoolean, checkGiven, checkText, display } from '../validate';
import type { YamlValue } from '../yaml';

/** Properties of a `BranchPromotion`. */
export interface BranchPromotionProps {
  /** Repository on GitHub, such as `acme/rpg`. */
  readonly repository: string;
  /** Users and teams who may approve, one to six, such as `acme/operations`: the required reviewers of the GitHub environment called as `to`. */
  readonly approvers: string[];
  /**
   * Branch that is tried first.
   * @default 'staging'
   */
  readonly from?: string;
  /**
   * Branch that it is merged into.
   * @default 'production'
   */
  readonly to?: string;
  /** Address of what is built from the branch `from`, such as `https://staging.example.com`. */
  readonly fromUrl: string;
  /** Address of what is built from the branch `to`, such as `https://example.com`. */
  readonly toUrl: string;
  /**
   * Requests that both addresses must answer, before the merge and after it. In `expectedFields` and `expectedText`, `{release}` stands for the newest
   * commit of the branch, which Amplify's build has as `AWS_COMMIT_ID`: where the app tells it, the test after the merge waits for the new build.
   */
  readonly smokeTests: SmokeTest[];
  /**
   * Requests that `fromUrl` must answer instead, such as `{ path: '/', expectedStatus: 401 }` where the branch asks for a password.
   * @default - smokeTests
   */
  readonly fromSmokeTests?: SmokeTest[];
  /**
   * Name of the workflow's file.
   * @default 'promotion'
   */
  readonly name?: string;
  /**
   * Folder of the repository on this machine.
   * @default - the nearest folder with `.git`, from where the app runs upwards
   */
  readonly repositoryRoot?: string;
  /**
   * Whether a file that is missing or stale fails the synth instead of being written.
   * @default - where CDK_WEB_PLATFORM_CHECK=1 or `-c cdk-web-platform:check=true` asks for it
   */
  readonly check?: boolean;
}

/** A quarter of an hour for Amplify's build: after the first try 15 seconds, then 30, and so on. */
const BUILD_RETRIES = 10;
const BUILD_RETRY_SECONDS = 15;

const TOKEN = '${{ github.token }}';

/**
 * The road of an app that Amplify builds: a push to a branch deploys it, and a promotion merges one branch into the next. The workflow is started by
 * hand. It smoke-tests what is built of `from`, wants all checks of that commit, waits for an approval, merges exactly that commit into `to` by a pull
 * request, and smoke-tests what is built of it. It needs no right in AWS. At each synth the construct keeps it up to date; it makes no resource.
 */
export class BranchPromotion extends Construct {
  private readonly text: string;

  constructor(scope: Construct, id: string, props: BranchPromotionProps) {
    super(scope, id);
    validateBranchPromotion(this, props);

    const name = props.name ?? 'promotion';
    this.text = workflowText([
      `Written by BranchPromotion of cdk-web-platform at each synth of the CDK app, from the construct ${this.node.path}.`,
      'To change it, change the construct, run `npx cdk synth` and commit.',
    ], promotionWorkflow(name, props), { 'contents: write': 'to merge', 'pull-requests: write': 'to open and merge the pull request' });
    keepWorkflows(this, new Map([[`${name}.yml`, this.text]]), props);
  }

  /** The workflow's text. */
  public get workflow(): string {
    return this.text;
  }
}

function promotionWorkflow(name: string, props: BranchPromotionProps): Job {
  const { from = 'staging', to = 'production' } = props;
  const job = (title: string, minutes: number, permissions: Job): Job =>
    ({ 'name': title, 'runs-on': LINUX_RUNNER, 'timeout-minutes': minutes, permissions, 'defaults': { run: { shell: 'bash' } } });
  const commit = '${{ needs.settings.outputs.commit }}';
  return {
    name,
    'run-name': `${from} to ${to}`,
    'on': { workflow_dispatch: {} },
    'concurrency': { 'group': name, 'cancel-in-progress': false },
    'permissions': {},
    'jobs': {
      settings: {
        ...job('Check', 5, { actions: 'read', contents: 'read' }),
        if: `github.repository == '${props.repository}'`,
        outputs: { commit: '${{ steps.take.outputs.commit }}' },
        steps: [
          { name: 'Check settings', env: { GH_TOKEN: TOKEN, APPROVERS: JSON.stringify({ [to]: props.approvers }) }, run: CHECK_SETTINGS },
          {
            name: 'Take commit',
            id: 'take',
            env: { GH_TOKEN: TOKEN, FROM: from },
            run: 'gh api "repos/$GITHUB_REPOSITORY/branches/$FROM" | jq -er \'"commit=" + .commit.sha\' >> "$GITHUB_OUTPUT"',
          },
        ],
      },
      test: { needs: 'settings', ...job(`Test ${from}`, 10, {}), steps: [smokeTest(props.fromSmokeTests ?? props.smokeTests, props.fromUrl, commit, 'Nothing was promoted.')] },
      promote: {
        needs: ['settings', 'test'],
        ...job(`Promote to ${to}`, 10, { 'actions': 'read', 'contents': 'write', 'pull-requests': 'write', 'checks': 'read', 'statuses': 'read' }),
        environment: { name: to, url: props.toUrl },
        outputs: { commit: '${{ steps.promote.outputs.commit }}' },
        steps: [{ name: 'Promote', id: 'promote', env: { GH_TOKEN: TOKEN, FROM: from, TO: to, COMMIT: commit }, run: PROMOTE }],
      },
      prove: {
        needs: 'promote',
        ...job(`Test ${to}`, 30, {}),
        steps: [smokeTest(props.smokeTests, props.toUrl, '${{ needs.promote.outputs.commit }}', `It is merged. To go back, revert the merge in ${to}.`, BUILD_RETRIES)],
      },
    },
  };
}

function smokeTest(smokeTests: SmokeTest[], url: string, release: string, goBack: string, retries?: number): YamlValue {
  return {
    name: 'Smoke test',
    env: {
      RELEASE: release,
      URL: url.replace(/\/$/, ''),
      SMOKE_TESTS: JSON.stringify(planSmokeTests(smokeTests).map(test => ({ ...test, retries: retries ?? test.retries }))),
      RETRY_SECONDS: retries ? BUILD_RETRY_SECONDS : 2,
      GO_BACK: goBack,
    },
    run: SMOKE_TEST,
  };
}

function validateBranchPromotion(where: Construct, props: BranchPromotionProps): void {
  checkGiven(where, 'props', props, 'an object with repository, approvers, fromUrl, toUrl and smokeTests');
  const { from = 'staging', to = 'production' } = props;
  validateRepository(where, props.repository);
  for (const [prop, branch] of Object.entries({ from, to })) {
    checkText(where, prop, known(where, prop, branch), new RegExp(`(?=^[^*]+$)${BRANCH_PATTERN.source}`), "one branch, such as 'staging'");
  }
  validateApprovers(where, 'approvers', props.approvers);
  checkApprovers(where, { name: to, approvers: props.approvers }, true);
  for (const prop of ['fromUrl', 'toUrl'] as const) {
    checkGiven(where, prop, props[prop], "an address, such as 'https://staging.example.com'");
    checkUrl(where, prop, props[prop]);
  }
  checkGiven(where, 'smokeTests', props.smokeTests, "at least one, such as { path: '/' }");
  validateSmokeTests(where, 'smokeTests', props.smokeTests);
  validateSmokeTests(where, 'fromSmokeTests', props.fromSmokeTests);
  checkText(where, 'name', known(where, 'name', props.name), /^[a-z][a-z0-9-]{0,30}$/, "small letters, digits and hyphens, such as 'promotion'");
  checkBoolean(where, 'check', props.check);
  if (from !== to) return;
  throw new PlatformError(where, { problem: 'a branch cannot be promoted to itself.', got: `from and to ${display(from)}`, allowed: 'two branches', fix: 'name another one as to' });
}
