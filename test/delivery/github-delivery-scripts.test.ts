import { execFileSync } from 'child_process';
import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import { join } from 'path';
import { App, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { workflowsOf } from './delivery-app';
import { DeliveryHub, DeliveryRun } from './delivery-run';

/* Every script of the workflows, run in bash: many small processes. */
jest.setTimeout(90_000);

const REPOSITORY = '111111111111.dkr.ecr.eu-central-1.amazonaws.com/shop';
const RELEASE = '42.1-01234567';
const BUILT = ['settings', 'verify', 'image', 'synth'];

let hub: DeliveryHub;
/** With run 41 delivered. */
let after41: DeliveryHub;
let server: Server;
let answer: { status: number; body: string };

beforeAll(done => {
  server = createServer((request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    if (request.method !== 'POST') return response.end(answer.body);
    let body = '';
    request.on('data', part => { body += part; }).on('end', () => response.end(`${request.headers['x-test']} ${body}`));
    return undefined;
  }).listen(0, '127.0.0.1', done);
});
afterAll(done => { server.close(done); });

beforeAll(async () => {
  prepare();
  await deliverAll(41);
  after41 = hub;
});
afterAll(() => after41.remove());

beforeEach(() => prepare());
afterEach(() => hub.remove());

function prepare(before?: DeliveryHub): void {
  hub = new DeliveryHub(before);
  hub.vars = {
    DELIVERY_ROLE_ARN: 'arn:aws:iam::111111111111:role/delivery',
    DELIVERY_REPOSITORY_API: `${REPOSITORY}/api`,
    DELIVERY_REPOSITORY_WEB_SITE: `${REPOSITORY}/web`,
    DELIVERY_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  hub.write('repositories', '');
  hub.write('environments/production', approvedBy({ slug: 'operations' }));
  hub.write('diff', 'Stack ShopStaging\nThere were no differences\n');
  answer = { status: 200, body: JSON.stringify({ version: RELEASE }) };
}

/** Goes on where run 41 has ended. */
function released(): void {
  hub.remove();
  prepare(after41);
}

function approvedBy(...reviewers: object[]): string {
  return JSON.stringify({ protection_rules: [{ type: 'wait_timer' }, { type: 'required_reviewers', reviewers: reviewers.map(reviewer => ({ reviewer })) }] });
}

const texts = workflowsOf({ lintCommand: 'npx cdk --version', testCommand: 'npm test', buildCommand: 'npm run build', acceptedVulnerabilities: { 'CVE-2026-1': 'no fix there is' } });

/** What the CDK's own command line says of two versions of a stack. */
function realDiff(): string {
  const version = (second: boolean) => {
    const app = new App({ outdir: join(hub.home, second ? 'after' : 'before'), analyticsReporting: false });
    const stack = new Stack(app, 'ShopStaging');
    if (!second) {
      new Bucket(stack, 'Gone', { removalPolicy: RemovalPolicy.DESTROY });
      new Bucket(stack, 'Kept', { removalPolicy: RemovalPolicy.RETAIN });
    }
    const value = second ? '2' : '1';
    new CfnResource(stack, 'Database', { type: 'AWS::RDS::DBInstance', properties: { BackupRetentionPeriod: value } });
    new CfnResource(stack, 'Table', { type: 'AWS::DynamoDB::Table', properties: { TableName: value } });
    new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { VisibilityTimeout: value } });
    new CfnResource(stack, 'Task', { type: 'AWS::ECS::TaskDefinition', properties: { Cpu: value } });
    return app.synth().directory;
  };
  const template = join(version(false), 'ShopStaging.template.json');
  const cdk = join(__dirname, '../../node_modules/.bin/cdk');
  return execFileSync(cdk, ['diff', '--app', version(true), '--template', template, '--no-color', '--no-notices', '--ci', 'ShopStaging'], { encoding: 'utf8' });
}

function delivery(number = 42): DeliveryRun {
  return hub.run(texts['delivery.yml'], number);
}

async function deliverAll(number = 42): Promise<void> {
  answer.body = JSON.stringify({ version: `${number}.1-01234567` });
  await delivery(number).jobs(...BUILT, 'deploy-staging', 'deploy-production', 'release');
}

describe('a push', () => {
  test('builds once and synthesizes once, and both environments get the same images and the same assembly', async () => {
    await deliverAll();

    expect(hub.calls('docker buildx build')).toHaveLength(2);
    expect(hub.calls('npx cdk synth')).toHaveLength(1);
    const [staging, stagingAssembly, production, productionAssembly] = hub.read('deployments').trim().split('\n');
    expect(staging).toMatch(/^cdk deploy --app \S+ --build  --exclusively --require-approval never .* ShopStaging$/);
    expect(production).toMatch(/ShopProduction$/);
    expect(productionAssembly).toBe(stagingAssembly);
    const digest = hub.read(`registry/${REPOSITORY}/api/${RELEASE}`).trim();
    expect(stagingAssembly).toContain(`--context version=${RELEASE} --context image:api=${RELEASE}@${digest}`);
    expect(stagingAssembly).toContain(`--context image:web-site=${RELEASE}@sha256:`);
  });

  test('builds on the processor of the service, without an index that could not be scanned', async () => {
    await delivery().jobs('settings', 'image');
    const [api] = hub.calls('docker buildx build api');
    expect(api).toContain('--platform linux/arm64 --file api/Dockerfile');
    expect(api).toContain('--provenance=false');
    expect(api).not.toContain('--cache-from');
  });

  test('pushes once where two environments share a repository', () => {
    released();
    expect(hub.calls('skopeo copy')).toHaveLength(2);
    expect(hub.calls('aws ecr describe-image-scan-findings')).toHaveLength(4);
  });

  test('gets the CDK of the lockfile before it signs in, and runs no script of a package', async () => {
    const run = delivery();
    await run.jobs(...BUILT);
    await run.jobs('deploy-staging');
    expect(hub.calls('npm ci').at(-1)).toBe('npm ci --ignore-scripts');
    expect(hub.calls().indexOf('npm ci --ignore-scripts')).toBeLessThan(hub.calls().findIndex(call => call.startsWith('aws ')));
  });

  test('has the templates of what is delivered judged, and no others', async () => {
    await delivery().jobs(...BUILT);
    expect(hub.calls('pipx').map(call => call.split(' ')[4])).toEqual(['cfn-lint', 'checkov']);
    expect(hub.calls('npx cdk list')).toEqual(['npx cdk list --app cdk.out --build  ShopStaging ShopProduction']);
    for (const call of hub.calls('pipx')) {
      expect(call.match(/[A-Za-z0-9.]+\.template\.json/g)!.sort())
        .toEqual(['ShopProduction.template.json', 'ShopProductionInner1A2B3C4D.nested.template.json', 'ShopStaging.template.json']);
    }
    hub.fail('pipx run --spec checkov', 'CKV_AWS_1 failed');
    await expect(delivery(43).jobs('settings', 'image', 'synth')).rejects.toThrow('CKV_AWS_1 failed');
  });

  test('leaves a release with the assembly, the images and what changed', async () => {
    released();
    await deliverAll(42);
    const notes = hub.read('releases/delivery-42.1-01234567/notes.md');
    expect(notes).toContain('### Changes since delivery-41.1-01234567\n\n- bbbbbbbb feat: carts\n- aaaaaaaa fix: prices\n');
    expect(notes).toMatch(/- api: sha256:[0-9a-f]{64}/);
    expect(hub.calls('gh api repos/acme/shop/compare').at(-1)).toMatch(/compare\/(0123456789abcdef0123456789abcdef01234567)\.\.\.\1$/);
    expect(JSON.parse(hub.read('releases/delivery-42.1-01234567/release.json'))).toMatchObject({ release: RELEASE, commit: '0123456789abcdef0123456789abcdef01234567' });
    expect(hub.read('releases/delivery-42.1-01234567/assembly.tgz')).not.toBe('');
  });

  test('has its release on its commit, and one without its tag where GitHub refuses that', async () => {
    await deliverAll(42);
    expect(hub.read('tags')).toContain('ref=refs/tags/delivery-42.1-01234567 --raw-field sha=0123456789abcdef0123456789abcdef01234567');
    hub.write('refused-tags', '');
    const run = delivery(43);
    answer.body = JSON.stringify({ version: '43.1-01234567' });
    expect(await run.jobs(...BUILT, 'deploy-staging', 'deploy-production', 'release')).toContain('::warning::The tag delivery-43.1-01234567 cannot be put on 0123456');
    expect(hub.read('releases/delivery-43.1-01234567/notes.md')).toContain('commit 0123456789abcdef0123456789abcdef01234567');
    expect(hub.calls('--target')).toEqual([]);
  });

  test('writes a release once, also when the job is run again', async () => {
    const run = delivery();
    await run.jobs(...BUILT, 'deploy-staging', 'deploy-production', 'release');
    expect(await run.jobs('release')).toContain('is there already');
    expect(hub.calls('gh release create')).toHaveLength(1);
  });
});

describe('approvals', () => {
  test.each<[string, () => void, string]>([
    ['an environment that is not there', () => hub.write('environments/production', ''), "are '', and the app names 'operations'"],
    ['an environment without a rule', () => hub.write('environments/production', '{"protection_rules": []}'), "are '', and the app names 'operations'"],
    ['other people than the app says', () => hub.write('environments/production', approvedBy({ login: 'Eve' })), "are 'eve', and the app names 'operations'"],
    ['a token that may not look', () => hub.fail('gh api repos/acme/shop/environments', 'HTTP 403'), 'is not there, or cannot be read'],
  ])('%s stops the run before anything is built', async (_, arrange, words) => {
    arrange();
    await expect(delivery().jobs('settings')).rejects.toThrow(words);
  });

  test('an old run that is approved too late does not take back what a newer one brought', async () => {
    released();
    await expect(delivery(40).jobs('settings', 'deploy-production')).rejects.toThrow(
      'Run 41 was deployed to production already, and this is run 40. To go back, start the workflow delivery-rollback.');
    expect(hub.read('deployments').match(/ShopProduction/g)).toHaveLength(1);
  });

  test('an old run that waited for its turn does not overtake a newer one, also where nothing is released yet', async () => {
    const [old, newer] = [delivery(41), delivery(42)];
    await old.jobs(...BUILT);
    await newer.jobs(...BUILT, 'deploy-staging');
    await expect(old.jobs('deploy-staging')).rejects.toThrow('Run 42 was deployed to staging already, and this is run 41.');
    // What was not deployed there yet may be, and so may the same run again.
    answer.body = JSON.stringify({ version: '41.1-01234567' });
    await old.jobs('deploy-production');
    answer.body = JSON.stringify({ version: RELEASE });
    await newer.jobs('deploy-staging', 'deploy-production');
    expect(hub.calls('gh release')).toEqual([]);
  });

  test('a release that somebody made by hand holds nobody up', async () => {
    hub.write('releases/delivery-99999.1-aaaaaaaa/release.json', '{}');
    await expect(delivery().jobs(...BUILT, 'deploy-staging')).resolves.toBeDefined();
  });
});

describe('images', () => {
  const staging = async () => {
    const run = delivery();
    await run.jobs('settings', 'image', 'synth');
    return run;
  };
  const scan = (status: string, findings: object[] = [], description?: string) =>
    ({ imageScanStatus: { status, description }, imageScanFindings: { findings } });

  test('a tag that has another digest already is refused, and nothing is deployed', async () => {
    const run = await staging();
    hub.write(`registry/${REPOSITORY}/api/${RELEASE}`, `sha256:${'f'.repeat(64)}\n`);
    await expect(run.jobs('deploy-staging')).rejects.toThrow(/is sha256:f{64}, and the release has sha256:/);
    expect(hub.read('deployments')).toBe('');
  });

  test.each<[string, () => void, string]>([
    ['a variable that is not set', () => { hub.vars = { ...hub.vars, DELIVERY_REPOSITORY_API: '' }; }, "The variable DELIVERY_REPOSITORY_API is not the address of a repository in ECR: ''"],
    ['a variable that is no address', () => { hub.vars = { ...hub.vars, DELIVERY_REPOSITORY_API: 'evil.example.com/api' }; }, 'is not the address of a repository'],
    ['a repository that cannot be read', () => hub.fail('aws ecr describe-images', 'AccessDeniedException'), 'cannot be read: AccessDeniedException'],
    ['a push that fails', () => hub.fail('skopeo copy', 'denied'), 'denied'],
    ['a login that fails', () => hub.fail('aws ecr get-login-password', 'ExpiredToken'), 'ExpiredToken'],
    ['a critical finding', () => hub.scans(scan('COMPLETE', [{ name: 'CVE-2026-9', severity: 'CRITICAL' }])), 'CRITICAL CVE-2026-9'],
    ['a finding of an enhanced scan', () => hub.scans({
      imageScanStatus: { status: 'ACTIVE' },
      imageScanFindings: { enhancedFindings: [{ severity: 'HIGH', packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2026-7' } }] },
    }), 'HIGH CVE-2026-7'],
    ['a scan that never ends', () => hub.scans(scan('IN_PROGRESS')), 'is not over after 2 seconds: IN_PROGRESS'],
    ['a scan that never begins', () => hub.scans('An error occurred (ScanNotFoundException)'), 'is not over after 2 seconds: PENDING. Is scanning on push turned on'],
    ['a scan that failed', () => hub.scans(scan('FAILED', [], 'UnsupportedImageError')), 'ECR cannot scan api: FAILED. UnsupportedImageError'],
    ['findings that may not be read', () => hub.scans('An error occurred (AccessDeniedException)'), 'cannot be read: An error occurred (AccessDeniedException)'],
  ])('%s stops the release', async (_, arrange, words) => {
    const run = await staging();
    arrange();
    await expect(run.jobs('deploy-staging')).rejects.toThrow(words);
    expect(hub.read('deployments')).toBe('');
  });

  test('a scan is waited for, and neither small nor accepted findings stop it', async () => {
    const run = await staging();
    hub.scans('An error occurred (ScanNotFoundException)', scan('IN_PROGRESS'), scan('COMPLETE', [{ name: 'CVE-2026-2', severity: 'MEDIUM' }, { name: 'CVE-2026-1', severity: 'CRITICAL' }]));
    await run.jobs('deploy-staging');
    expect(hub.read('deployments')).not.toBe('');
  });
});

describe('smoke tests', () => {
  const tested = async (smokeTest: object) => {
    const [staging, production] = [{ name: 'staging', stacks: ['ShopStaging'], smokeTests: [{ path: '/health?full=1', ...smokeTest }] }, { name: 'production', stacks: ['ShopProduction'], approvers: ['octocat'] }];
    hub.write('environments/production', approvedBy({ login: 'octocat' }));
    const run = hub.run(workflowsOf({ environments: [staging, production], images: [], templateChecks: false })['delivery.yml'], 42);
    await run.jobs('settings', 'synth');
    return run.jobs('deploy-staging');
  };

  test.each<[object, string]>([
    [{ expectedFields: { 'version': '{release}', 'checks.0.ok': 'true', 'checks.0': '{"ok":true}' } }, JSON.stringify({ version: RELEASE, checks: [{ ok: true }] })],
    [{ expectedText: 'Hello "$(world)" {release}' }, `<p>Hello "$(world)" ${RELEASE}</p>`],
    [{ method: 'HEAD' }, ''],
    [{ method: 'POST', headers: { 'x-test': 'a "b" $c' }, body: '{"a": 1}', expectedText: 'a "b" $c' }, ''],
    [{ method: 'POST', headers: { 'x-test': 'x' }, body: '@/etc/hostname', expectedText: 'x @/etc/hostname' }, ''],
    [{ path: '/health?full=1&filter[status]=open&name={a,b}' }, ''],
    [{}, 'no JSON at all'],
  ])('%j is met', async (smokeTest, body) => {
    answer.body = body;
    await expect(tested(smokeTest)).resolves.toMatch(/\/health\?full=1\S*: as expected/);
  });

  test.each<[object, number, string, string]>([
    [{}, 503, '{}', 'failed: status 503'],
    [{ expectedStatus: 204 }, 200, '{}', 'failed: status 200'],
    [{ expectedFields: { version: '{release}' } }, 200, '{"version": "41"}', 'failed: answer {"version": "41"}'],
    [{ expectedFields: { 'a.b': '1' } }, 200, '{"a": "text"}', 'failed: answer {"a": "text"}'],
    [{ expectedFields: { a: '1' } }, 200, '<html>', 'failed: answer <html>'],
    [{ expectedText: 'Hello' }, 200, 'Bye', 'failed: answer Bye'],
  ])('%j fails at %d %s, and says how to go back', async (smokeTest, status, body, words) => {
    answer = { status, body };
    const failed = expect(tested(smokeTest)).rejects;
    await failed.toThrow(words);
  });

  test('a failure names the workflow to go back with', async () => {
    answer.status = 500;
    await expect(tested({ retries: 0 })).rejects.toThrow('gh workflow run delivery-rollback.yml -f environment=staging');
  });

  test('an environment without an address is told, and so is one that does not answer', async () => {
    hub.vars = { ...hub.vars, DELIVERY_URL: '' };
    await expect(tested({})).rejects.toThrow("The address to test is '': set the environment's variable DELIVERY_URL");
    hub.vars = { ...hub.vars, DELIVERY_URL: 'http://127.0.0.1:1' };
    await expect(tested({ retries: 1 })).rejects.toThrow('failed: no answer');
  });
});

describe('going back', () => {
  const rollback = (release: string) => hub.run(texts['delivery-rollback.yml'], 1, { environment: 'production', release });

  test('deploys the assembly of the release that was chosen, by its number or its tag', async () => {
    released();
    await deliverAll(42);
    const [, first] = hub.read('deployments').trim().split('\n');
    for (const chosen of ['41.1-01234567', 'delivery-41.1-01234567']) {
      await rollback(chosen).jobs('rollback-production');
      expect(hub.read('deployments').trim().split('\n').at(-1)).toBe(first);
    }
    expect(hub.calls('skopeo copy')).toHaveLength(4);
  });

  test('a release that is not there is told', async () => {
    await expect(rollback('7.1-00000000').jobs('rollback-production')).rejects.toThrow('There is no release delivery-7.1-00000000');
  });

  test('a release whose image is gone from the registry is refused before anything is deployed', async () => {
    released();
    const before = hub.read('deployments');
    hub.write(`registry/${REPOSITORY}/web/41.1-01234567`, 'sha256:0\n');
    await expect(rollback('41.1-01234567').jobs('rollback-production')).rejects.toThrow(/no longer has sha256:[0-9a-f]{64}/);
    expect(hub.read('deployments')).toBe(before);
  });

  test('what somebody typed cannot become a command', async () => {
    await expect(rollback('$(touch pwned); --repo x/y').jobs('rollback-production')).rejects.toThrow('There is no release');
    expect(hub.calls('pwned').every(call => call.includes('$(touch pwned)'))).toBe(true);
  });
});

describe('a pull request', () => {
  const pullRequest = async () => {
    await hub.run(texts['delivery-pull-request.yml'], 7).jobs('verify', 'synth', 'diff-staging', 'diff-production', 'comment');
    return hub.read('comments/1');
  };

  test('is compared with the images that run, and told in one comment that later pushes renew', async () => {
    released();
    hub.write('diff', 'Resources\n[~] AWS::ECS::Service Api ApiService\n');
    expect(await pullRequest()).toContain('<summary>staging: 1 changed</summary>');
    expect(hub.calls('cdk synth').at(-1)).toMatch(/version=41.1-01234567 --context image:api=41.1-01234567@sha256:/);
    hub.write('diff', 'There were no differences\n');
    expect(await pullRequest()).toContain('<summary>staging: 0 changed</summary>');
    expect(hub.calls('body=@comment.md').map(call => call.split(' ')[3])).toEqual(['POST', 'PATCH']);
    expect(hub.read('comments/2')).toBe('');
  });

  test('before the first release there are no images to compare with', async () => {
    await pullRequest();
    expect(hub.calls('cdk synth')).toEqual(['npx cdk synth --quiet --output cdk.out --context version=none']);
  });

  test('what is removed or replaced stands on top', async () => {
    hub.write('diff', realDiff());
    const comment = await pullRequest();
    const [, top] = comment.split('<details>')[0].split('> [!CAUTION]');
    expect(top.match(/^\[.*$/gm)).toEqual([
      expect.stringMatching(/^\[-\] AWS::S3::Bucket Gone.* destroy$/),
      expect.stringMatching(/^\[-\] AWS::S3::Bucket Kept.* orphan$/),
      expect.stringMatching(/^\[~\] AWS::RDS::DBInstance Database .* may be replaced$/),
      expect.stringMatching(/^\[~\] AWS::DynamoDB::Table Table .* replace$/),
    ]);
  });

  test('a diff of any length fits into a comment', async () => {
    hub.write('diff', '[+] AWS::SQS::Queue Q Q1\n'.repeat(20_000));
    expect((await pullRequest()).length).toBeLessThan(65_536);
  });

  test('and so does one that loses everything', async () => {
    hub.write('diff', '[-] AWS::S3::Bucket Site/Bucket/WithAVeryLongNameInside SiteBucketWithAVeryLongNameInside397A1860 destroy\n'.repeat(250));
    const comment = await pullRequest();
    expect(comment.length).toBeLessThan(65_536);
    expect(comment.match(/^and \d+ more$/gm)).toHaveLength(2);
  });

  test('a diff that cannot be made fails with what the CDK said', async () => {
    hub.fail('npx cdk diff', 'could not assume the lookup role');
    await expect(pullRequest()).rejects.toThrow('could not assume the lookup role');
  });
});

describe('drift', () => {
  const drift = () => hub.run(texts['delivery-drift.yml'], 3).jobs('drift-staging', 'drift-production');

  test('is looked for with the role for lookups', async () => {
    released();
    await drift();
    expect(hub.calls('sts assume-role')[0]).toContain('--role-arn arn:aws:iam::111111111111:role/cdk-hnb659fds-lookup-role-111111111111-eu-central-1');
    expect(hub.calls('cdk drift').map(call => call.replace(/--app \S+/, ''))).toEqual(['ShopStaging', 'ShopProduction'].map(stack => `npx cdk drift  --build  --fail --no-color ${stack}`));
  });

  test('is looked for in the account of the stacks, where that is another one', async () => {
    released();
    hub.write('account', '333333333333');
    await drift();
    expect(hub.calls('sts assume-role')[0]).toContain('--role-arn arn:aws:iam::333333333333:role/cdk-hnb659fds-lookup-role-333333333333-eu-central-1');
  });

  test('fails the run where there is some, where nobody may look, and where there is no release', async () => {
    await expect(drift()).rejects.toThrow('There is no release yet');
    released();
    hub.fail('cdk drift', 'Bucket MODIFIED');
    await expect(drift()).rejects.toThrow('Bucket MODIFIED');
    await expect(drift()).rejects.toThrow('staging is not what was deployed last');
    hub.fail('sts assume-role', 'AccessDenied');
    await expect(drift()).rejects.toThrow('AccessDenied');
  });
});
