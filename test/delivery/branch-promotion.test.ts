import { mkdtempSync, readFileSync } from 'fs';
import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { DeliveryHub, DeliveryRun, DeliveryWorkflow } from './delivery-run';
import { BranchPromotion, BranchPromotionProps } from '../../src';

jest.spyOn(console, 'error').mockImplementation();
// Many small processes.
jest.setTimeout(90_000);

const COMMIT = 'abcdef0123456789';
const MERGED = 'fedcba9876543210';
let hub: DeliveryHub;
let server: Server;
let url: string;
let answer = COMMIT;

beforeAll(done => {
  server = createServer((_, response) => response.end(`<meta content="${answer}">`)).listen(0, '127.0.0.1', () => {
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    done();
  });
});
afterAll(done => { server.close(done); });

beforeEach(() => {
  answer = COMMIT;
  hub = new DeliveryHub();
  hub.write('environments/production', '{"protection_rules": [{"type": "required_reviewers", "reviewers": [{"reviewer": {"login": "octocat"}}]}]}');
  hub.write('compare', '{"ahead_by": 2}');
  hub.write('checks', '{"check_runs": [{"name": "build", "status": "completed", "conclusion": "success"}]}');
  hub.write('status', '{"total_count": 0, "state": "pending"}');
  hub.write('pulls', '[]');
});
afterEach(() => hub.remove());

const defaults: BranchPromotionProps = {
  repository: 'acme/shop', approvers: ['octocat'], fromUrl: 'https://staging.example.com', toUrl: 'https://example.com', smokeTests: [{ path: '/', expectedText: '{release}' }],
};

function promotion(props: Partial<BranchPromotionProps> = {}): BranchPromotion {
  return new BranchPromotion(new App({ analyticsReporting: false }), 'Promotion', { ...defaults, repositoryRoot: mkdtempSync(join(tmpdir(), 'repository-')), ...props });
}

function run(): DeliveryRun {
  return hub.run(promotion({ fromUrl: url, toUrl: url }).workflow, 5);
}

test('a branch that asks for a password is tested for that', () => {
  const { jobs } = parse(promotion({ fromSmokeTests: [{ path: '/', expectedStatus: 401 }] }).workflow) as DeliveryWorkflow;
  const tests = (job: string) => JSON.parse(String(jobs[job].steps[0].env!.SMOKE_TESTS));
  expect(tests('test')).toMatchObject([{ path: '/', expectedStatus: 401 }]);
  expect(tests('prove')).toMatchObject([{ path: '/', expectedText: '{release}' }]);
});

test('what was tested and approved is merged, by a pull request and by its commit, and tested again', async () => {
  const started = run();
  await started.jobs('settings', 'test', 'promote');
  answer = MERGED;
  await started.jobs('prove');
  expect(hub.calls('gh pr create')[0]).toContain('--base production --head staging');
  expect(hub.calls('gh pr merge')).toEqual([`gh pr merge 9 --repo acme/shop --merge --match-head-commit ${COMMIT}`]);
});

test('a pull request that is open already is merged', async () => {
  hub.write('pulls', '[{"number": 4}]');
  await run().jobs('settings', 'promote');
  expect(hub.calls('gh pr create')).toEqual([]);
  expect(hub.calls('gh pr merge 4')).toHaveLength(1);
});

test('its own run is no check to wait for', async () => {
  hub.write('checks', '{"check_runs": [{"name": "Check", "status": "in_progress", "conclusion": null, "details_url": "https://github.com/acme/shop/actions/runs/4242/job/1"}]}');
  await run().jobs('settings', 'promote');
  expect(hub.calls('gh pr merge')).toHaveLength(1);
});

test('promotions of the commit that ended badly are none of its checks either', async () => {
  const check = (id: string) => ({ name: 'Test staging', status: 'completed', conclusion: 'failure', details_url: `https://github.com/acme/shop/actions/runs/${id}/job/1` });
  hub.write('runs/promotion.yml', '{"workflow_runs": [{"id": 4100}]}');
  hub.write('checks', JSON.stringify({ check_runs: [check('4100')] }));
  await run().jobs('settings', 'promote');
  expect(hub.calls('gh pr merge')).toHaveLength(1);
  hub.write('checks', JSON.stringify({ check_runs: [check('4100'), check('41')] }));
  await expect(run().jobs('settings', 'promote')).rejects.toThrow('have succeeded: Test staging.');
});

test('a pull request from a fork is nobody to merge', async () => {
  hub.write('pulls', '[{"number": 3, "isCrossRepository": true}, {"number": 4, "isCrossRepository": false}]');
  await run().jobs('settings', 'promote');
  expect(hub.calls('gh pr merge 4')).toHaveLength(1);
});

test.each<[string, () => void, string]>([
  ['a check that failed', () => hub.write('checks', '{"check_runs": [{"name": "build", "status": "completed", "conclusion": "failure"}]}'), 'Not all checks of abcdef0123456789 have succeeded: build.'],
  ['a check that runs', () => hub.write('checks', '{"check_runs": [{"name": "e2e", "status": "in_progress", "conclusion": null}]}'), 'have succeeded: e2e.'],
  ['a status that is not well', () => hub.write('status', '{"total_count": 1, "state": "failure"}'), 'The status of abcdef0123456789 is failure.'],
  ['a branch that has moved on', () => hub.fail('gh pr merge', 'Head branch was modified'), 'staging has moved on since abcdef0123456789 was tested'],
  ['other approvers than the app names', () => hub.write('environments/production', '{}'), "are '', and the app names 'octocat'"],
])('%s stops it', async (_, arrange, words) => {
  arrange();
  await expect(run().jobs('settings', 'promote')).rejects.toThrow(words);
});

test('a commit that is there already is not promoted again', async () => {
  hub.write('compare', '{"ahead_by": 0}');
  expect(await run().jobs('settings', 'promote')).toContain('production has abcdef0123456789 already.');
  expect(hub.calls('gh pr')).toEqual([]);
});

test('an old build that answers is no proof', async () => {
  answer = 'older';
  const started = run();
  await started.jobs('settings', 'promote');
  await expect(started.jobs('test')).rejects.toThrow('Nothing was promoted.');
  await expect(started.jobs('prove')).rejects.toThrow('To go back, revert the merge in production.');
});

test('only the job that merges may write, and it is the one that is approved', () => {
  const { jobs } = parse(promotion().workflow) as DeliveryWorkflow;
  expect(Object.entries(jobs).filter(([, { permissions }]) => Object.values(permissions).includes('write')).map(([id]) => id)).toEqual(['promote']);
  expect(jobs.promote.environment).toEqual({ name: 'production', url: 'https://example.com' });
  expect(jobs.prove.needs).toBe('promote');
});

test('the file is written at synth', () => {
  const root = mkdtempSync(join(tmpdir(), 'repository-'));
  const made = promotion({ repositoryRoot: root, name: 'to-live', from: 'main', to: 'live' });
  (made.node.root as App).synth();
  expect(readFileSync(join(root, '.github/workflows/to-live.yml'), 'utf8')).toBe(made.workflow);
});

test.each<[object, string]>([
  [{ repository: 'shop' }, 'repository is not well-formed'],
  [{ approvers: [] }, 'the environment production has to be approved'],
  [{ approvers: undefined }, 'the environment production has to be approved'],
  [{ from: 'release/*' }, 'from is not well-formed'],
  [{ from: 'x', to: 'x' }, 'a branch cannot be promoted to itself'],
  [{ fromUrl: undefined }, 'fromUrl is missing'],
  [{ toUrl: 'example.com' }, 'toUrl is not well-formed'],
  [{ smokeTests: undefined }, 'smokeTests is missing'],
  [{ smokeTests: [] }, 'smokeTests is empty'],
  [{ name: 'A b' }, 'name is not well-formed'],
])('%j is refused', (props, words) => expect(() => promotion(props)).toThrow(words));
