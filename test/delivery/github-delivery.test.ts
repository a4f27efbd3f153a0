import { execFileSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnResource, Duration, Lazy, Stack, Stage } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { parse } from 'yaml';
import { deliveryApp, SHOP, workflowsOf } from './delivery-app';
import type { DeliveryJob, DeliveryWorkflow } from './delivery-run';
import { GithubDelivery, GithubDeliveryProps, ScanSeverity, StatefulGuard } from '../../src';

const errors = jest.spyOn(console, 'error').mockImplementation();
afterEach(() => { errors.mockClear(); });

const FILES = ['delivery-drift.yml', 'delivery-pull-request.yml', 'delivery-rollback.yml', 'delivery.yml'];
const [staging, production] = SHOP.environments;

function parsed(props: Partial<GithubDeliveryProps> = {}, file = 'delivery.yml'): DeliveryWorkflow {
  return parse(workflowsOf(props)[file]) as DeliveryWorkflow;
}

function written(root: string): string[] {
  const folder = join(root, '.github', 'workflows');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

const everything: Partial<GithubDeliveryProps> = {
  environments: [
    { ...staging, branches: ['staging', 'try/*'], url: 'https://staging.example.com/', region: 'eu-west-1' },
    { ...production, branches: ['main'], smokeTests: [{ path: '/' }] },
  ],
  images: [{ name: 'api', directory: 'services/api', dockerfile: 'docker/Dockerfile', target: 'run', cpuArchitecture: ecs.CpuArchitecture.X86_64 }],
  appDirectory: 'infrastructure',
  nodeVersion: '22',
  installCommand: 'npm ci --workspaces',
  lintCommand: 'npm run lint',
  testCommand: 'npm run verify',
  buildCommand: 'npm run build',
  stopAtSeverity: ScanSeverity.CRITICAL,
  acceptedVulnerabilities: { 'CVE-2026-1': 'there is no fix yet' },
  acceptedChecks: { CKV_AWS_116: 'custom resources answer for themselves' },
  approvalDays: 3,
  bootstrapQualifier: 'shop',
};

describe('the workflows', () => {
  const all = (props?: Partial<GithubDeliveryProps>) => Object.values(workflowsOf(props)).map(text => parse(text) as DeliveryWorkflow);
  const jobs = (props?: Partial<GithubDeliveryProps>): DeliveryJob[] => all(props).flatMap(workflow => Object.values(workflow.jobs));
  const name = ({ environment }: DeliveryJob) => typeof environment === 'object' ? environment.name : environment;

  test('the same props give the same text, and it says where it comes from', () => {
    expect(workflowsOf(everything)).toEqual(workflowsOf(everything));
    expect(workflowsOf()['delivery.yml']).toMatch(/^# Written by GithubDelivery of cdk-web-platform .* from the construct Delivery\.\n# To change it, .*`npx cdk synth`/);
  });

  test('each push goes the whole road, one environment after the other', () => {
    const { on, jobs: road } = parsed();
    expect(on).toEqual({ push: { branches: ['main'] } });
    expect(Object.fromEntries(Object.entries(road).map(([id, { needs }]) => [id, needs]))).toEqual({
      'settings': undefined,
      'verify': 'settings',
      'image': 'settings',
      'synth': ['settings', 'verify', 'image'],
      'deploy-staging': ['settings', 'synth'],
      'deploy-production': ['settings', 'synth', 'deploy-staging'],
      'release': ['settings', 'synth', 'deploy-staging', 'deploy-production'],
    });
  });

  test('an environment with branches of its own has a road of its own', () => {
    const workflows = workflowsOf(everything);
    expect(Object.keys(workflows)).toEqual([...['', '-pull-request', '-rollback', '-drift'].flatMap(kind => `delivery${kind}.yml`), ...['', '-pull-request', '-rollback', '-drift'].flatMap(kind => `delivery-production${kind}.yml`)]);
    expect(parsed(everything).on.push.branches).toEqual(['staging', 'try/*']);
    const hotfix = parsed(everything, 'delivery-production.yml');
    expect(hotfix.on.push.branches).toEqual(['main']);
    expect(Object.keys(hotfix.jobs)).not.toContain('deploy-staging');
  });

  test('an environment is approved once: all that happens to it is in one job', () => {
    expect(Object.values(parsed().jobs).map(name).filter(Boolean)).toEqual(['staging', 'production']);
  });

  test('never two deployments of one environment, and none is stopped half-way', () => {
    const [push, back] = [parsed().jobs['deploy-production'], parsed({}, 'delivery-rollback.yml').jobs['rollback-production']];
    expect(push.concurrency).toEqual({ 'group': 'delivery-to-production', 'cancel-in-progress': false });
    expect(back.concurrency).toEqual(push.concurrency);
    // A nightly look that waits for its turn would push a deployment out of the queue.
    expect(parsed({}, 'delivery-drift.yml').jobs['drift-production'].concurrency).toBeUndefined();
  });

  test('two roads to one environment wait for one another', () => {
    const groups = jobs({ ...everything, prefix: 'shop' }).flatMap(({ concurrency }) => concurrency?.group ?? []);
    expect(new Set(groups)).toEqual(new Set(['shop-to-staging', 'shop-to-production']));
  });

  test('nothing is allowed but what a job needs', () => {
    for (const workflow of all()) expect(workflow.permissions).toEqual({});
    const { jobs: road } = parsed();
    const rights = Object.fromEntries(Object.entries(road).map(([id, { permissions }]) => [id, permissions]));
    expect(rights).toEqual({
      'settings': { actions: 'read' },
      'verify': { contents: 'read' },
      'image': { contents: 'read' },
      'synth': { contents: 'read' },
      'deploy-staging': { 'id-token': 'write', 'actions': 'read', 'contents': 'read' },
      'deploy-production': { 'id-token': 'write', 'actions': 'read', 'contents': 'read' },
      'release': { contents: 'write' },
    });
  });

  test('deployments sign in for an hour, or as long as is said, with a job that lasts longer', () => {
    const signIns = (props: Partial<GithubDeliveryProps>) => jobs(props).filter(({ environment }) => environment === 'production' || (environment as any)?.name === 'production')
      .map(job => [job['timeout-minutes'], job.steps.find(({ uses }) => uses?.includes('configure-aws-credentials'))!.with!['role-duration-seconds']]);
    expect(signIns({})).toEqual([[90, undefined], [90, undefined]]);
    expect(signIns({ sessionDuration: Duration.hours(2) })).toEqual([[150, 7200], [150, 7200]]);
  });

  test.each([[undefined], [everything]])('a job that signs in runs none of the team’s code, and installs before it signs in', props => {
    const signing = jobs(props).filter(({ permissions }) => permissions['id-token']);
    expect(signing.length).toBeGreaterThan(3);
    for (const { steps } of signing) {
      const commands = steps.flatMap(({ run = '' }) => run.split('\n')).filter(line => /^(npm|npx|node|yarn|pnpm) /.test(line));
      expect(commands.filter(line => !line.startsWith('npx cdk '))).toEqual(['npm ci --ignore-scripts']);
      // Else the CDK would run the `build` of cdk.json.
      for (const line of commands.filter(each => each.startsWith('npx cdk '))) expect(line).toMatch(/^npx cdk \w+ --app "\$assembly" --build ''/);
      const titles = steps.map(step => step.name);
      expect(titles.indexOf('Install CDK')).toBeLessThan(titles.findIndex(title => title.startsWith('Sign in')));
    }
  });

  test('who only looks does so without an approval, by an environment of its own; forks get nothing', () => {
    const { jobs: looking } = parsed({}, 'delivery-pull-request.yml');
    expect(name(looking['diff-production'])).toBe('production-read');
    expect(looking['diff-production'].if).toContain('head.repo.full_name == github.repository');
    expect(name(parsed({}, 'delivery-drift.yml').jobs['drift-production'])).toBe('production-read');
  });

  test('every job has a time limit, and every action a commit with its release beside it', () => {
    for (const job of jobs(everything)) expect(job['timeout-minutes']).toBeGreaterThan(0);
    for (const text of Object.values(workflowsOf(everything))) {
      const uses = text.match(/^ *uses: .*$/gm) ?? [];
      for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test.each([[undefined], [everything]])('bash takes every script, each stops at the first error, and none has an expression in it', props => {
    const scripts = jobs(props).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    for (const script of new Set(scripts)) {
      expect(() => execFileSync('bash', ['-n'], { input: script, stdio: ['pipe', 'pipe', 'pipe'] })).not.toThrow();
      expect(script).not.toContain('${{');
      if (script.includes('\n')) expect(script).toMatch(/^set -euo pipefail\n/);
    }
    for (const { defaults } of jobs(props)) expect(defaults.run.shell).toBe('bash');
  });

  test('every prop is used', () => {
    const { jobs: road } = parsed(everything);
    const step = (job: string, title: string) => road[job].steps.find(one => one.name.startsWith(title))!;
    expect(road.image.strategy!.matrix.include).toEqual([{
      image: 'api', directory: 'services/api', dockerfile: 'docker/Dockerfile', target: 'run', architecture: 'amd64', runner: 'ubuntu-24.04',
    }]);
    expect(road.verify.defaults.run['working-directory']).toBe('infrastructure');
    expect(road.verify.steps.map(({ run }) => run).filter(Boolean)).toEqual(['npm ci --workspaces', 'npm run lint', 'npm run verify']);
    expect(step('synth', 'Build').run).toBe('npm run build');
    expect(step('synth', 'Judge').env).toEqual({ ACCEPTED_CHECKS: 'CKV_AWS_116', STACKS: 'ShopStaging ShopProduction' });
    expect(step('synth', 'Set up Node.js').with!['node-version']).toBe('22');
    expect(step('synth', 'Hand over').with!['retention-days']).toBe(3);
    expect(step('deploy-staging', 'Await').env).toMatchObject({ STOP_AT: 'CRITICAL', ACCEPTED_VULNERABILITIES: 'CVE-2026-1' });
    expect(step('deploy-staging', 'Sign in').with!['aws-region']).toBe('eu-west-1');
    expect(road['deploy-staging'].environment).toEqual({ name: 'staging', url: 'https://staging.example.com' });
    expect(parsed(everything, 'delivery-drift.yml').jobs['drift-staging'].steps.at(-1)!.env).toMatchObject({ QUALIFIER: 'shop' });
    expect(parsed({ templateChecks: false }).jobs.synth.steps.map(one => one.name)).not.toContain('Judge templates');
    expect(Object.keys(workflowsOf({ prefix: 'shop' }))).toContain('shop-rollback.yml');
  });

  test('an app without images builds and pushes none', () => {
    const { jobs: road } = parsed({ images: [] });
    expect(road.image).toBeUndefined();
    expect(road['deploy-staging'].steps.map(step => step.name)).not.toContain('Push images');
  });
});

describe('files', () => {
  test('are written when the app is synthesized, and not before', () => {
    const { app, root, delivery } = deliveryApp();
    expect(written(root)).toEqual([]);
    app.synth();
    expect(written(root)).toEqual(FILES);
    expect(readFileSync(join(root, '.github', 'workflows', 'delivery.yml'), 'utf8')).toBe(delivery.workflows['delivery.yml']);
    expect(errors).toHaveBeenCalledTimes(1);
  });

  test('are left alone where nothing changed, and only those are written that did', () => {
    const { app, root } = deliveryApp();
    app.synth();
    const times = () => FILES.map(file => statSync(join(root, '.github', 'workflows', file)).mtimeMs);
    const before = times();
    errors.mockClear();
    deliveryApp({}, root).app.synth();
    expect(times()).toEqual(before);
    expect(errors).not.toHaveBeenCalled();

    deliveryApp({ stopAtSeverity: ScanSeverity.LOW }, root).app.synth();
    const after = times();
    expect(FILES.filter((_, index) => after[index] !== before[index])).toEqual(['delivery.yml']);
  });

  test('are the same with the line endings of Windows', () => {
    const { app, root } = deliveryApp();
    app.synth();
    const file = join(root, '.github', 'workflows', 'delivery.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\n/g, '\r\n'));
    expect(() => deliveryApp({ check: true }, root).app.synth()).not.toThrow();
  });

  test.each<[string, Partial<GithubDeliveryProps>, object, string | undefined]>([
    ['the prop', { check: true }, {}, undefined],
    ['the context', {}, { 'cdk-web-platform:check': 'true' }, undefined],
    ['the variable', {}, {}, '1'],
  ])('a check, asked for by %s, refuses what is missing or stale and writes nothing', (_, props, context, variable) => {
    const { app, root } = deliveryApp();
    if (variable) process.env.CDK_WEB_PLATFORM_CHECK = variable;
    try {
      expect(() => deliveryApp(props, root, context).app.synth()).toThrow(/delivery.yml is missing.*\n.*\n  fix: run `npx cdk synth` without the check/);
      expect(written(root)).toEqual([]);
      delete process.env.CDK_WEB_PLATFORM_CHECK;
      app.synth();
      const file = join(root, '.github', 'workflows', 'delivery.yml');
      writeFileSync(file, 'name: by hand\n');
      if (variable) process.env.CDK_WEB_PLATFORM_CHECK = variable;
      expect(() => deliveryApp(props, root, context).app.synth()).toThrow('delivery.yml is stale');
      expect(readFileSync(file, 'utf8')).toBe('name: by hand\n');
    } finally {
      delete process.env.CDK_WEB_PLATFORM_CHECK;
    }
  });

  test('that the construct no longer wants go, because they would go on deploying; those of others stay', () => {
    const { app, root } = deliveryApp({ prefix: 'ship' });
    new GithubDelivery(app, 'Other', { ...SHOP, prefix: 'other', repositoryRoot: root });
    app.synth();
    writeFileSync(join(root, '.github', 'workflows', 'delivery-by-hand.yml'), 'name: by hand\n');

    const changed = (props: Partial<GithubDeliveryProps>) => {
      const second = deliveryApp(props, root).app;
      new GithubDelivery(second, 'Other', { ...SHOP, prefix: 'other', repositoryRoot: root });
      second.synth();
    };
    expect(() => changed({ check: true })).toThrow(/ship-rollback\.yml is no longer wanted/);
    expect(written(root)).toHaveLength(9);
    changed({ appDirectory: 'infrastructure' });
    expect(written(root).filter(file => file.startsWith('ship'))).toHaveLength(4);
    changed({});
    const kept = ['delivery-by-hand.yml', ...FILES, ...FILES.map(file => file.replace('delivery', 'other'))];
    expect(written(root)).toEqual(kept.sort());
    expect(errors).toHaveBeenLastCalledWith(expect.stringMatching(/^Delivery wrote .*delivery\.yml.* and removed .*ship\.yml: commit it\.$/));
  });

  test('are not written where anything of the app is wrong', () => {
    const { app, root } = deliveryApp();
    app.node.addValidation({ validate: () => ['no'] });
    expect(() => app.synth()).toThrow('Validation failed');
    expect(written(root)).toEqual([]);
  });

  test('leave no half behind where the folder cannot be written', () => {
    const { app, root } = deliveryApp();
    mkdirSync(join(root, '.github'));
    writeFileSync(join(root, '.github', 'workflows'), 'a file');
    expect(() => app.synth()).toThrow();
    expect(readFileSync(join(root, '.github', 'workflows'), 'utf8')).toBe('a file');
  });

  test('go to the repository around the app, also where .git is the file of a worktree', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'repository-')));
    writeFileSync(join(root, '.git'), 'gitdir: elsewhere');
    mkdirSync(join(root, 'infrastructure', 'app'), { recursive: true });
    const cwd = jest.spyOn(process, 'cwd').mockReturnValue(join(root, 'infrastructure', 'app'));
    try {
      deliveryApp({ repositoryRoot: undefined }).app.synth();
      expect(written(root)).toEqual(FILES);
      cwd.mockReturnValue('/');
      expect(() => deliveryApp({ repositoryRoot: undefined }).app.synth()).toThrow('there is no repository to write workflows to');
    } finally {
      cwd.mockRestore();
    }
  });

  test('two deliveries stand beside each other, and beside a StatefulGuard, in any order', () => {
    const { app, root } = deliveryApp();
    new StatefulGuard(app, 'Guard', { lockFile: join(root, 'lock.json'), ci: false });
    new GithubDelivery(app, 'Other', { ...SHOP, prefix: 'other', repositoryRoot: root });
    app.synth();
    expect(written(root)).toHaveLength(8);
    expect(existsSync(join(root, 'lock.json'))).toBe(true);
  });
});

describe('stacks', () => {
  const synthesize = (environments: GithubDeliveryProps['environments'], arrange: (app: App) => void = () => {}) => {
    const { app, root } = deliveryApp({ environments });
    arrange(app);
    app.synth();
    return written(root);
  };

  test('of stages and patterns are found', () => {
    const stages = (app: App) => {
      for (const id of ['Staging', 'Production']) new CfnResource(new Stack(new Stage(app, id), 'Shop'), 'Queue', { type: 'AWS::SQS::Queue' });
    };
    expect(synthesize([{ ...staging, stacks: ['Staging/*'] }, { ...production, stacks: ['Production/**'] }], stages)).toEqual(FILES);
    expect(synthesize([{ ...staging, stacks: ['*Staging'] }, production])).toEqual(FILES);
  });

  test.each<[string[], string]>([
    [['ShopStageing'], "the environment staging names stacks that the app does not have.\n  got: stacks 'ShopStageing'\n  allowed: patterns of ShopStaging, ShopProduction"],
    [['Shop*'], 'a stack would be deployed with two environments.\n  got: ShopProduction in staging and in production'],
  ])('%j is refused, and nothing is written', (stacks, words) => {
    const { app, root } = deliveryApp({ environments: [{ ...staging, stacks }, production] });
    expect(() => app.synth()).toThrow(words);
    expect(written(root)).toEqual([]);
  });
});

describe('bad input', () => {
  const refused = (props: object, words: string | RegExp) => {
    const { app, root } = deliveryApp();
    expect(() => new GithubDelivery(app, 'Other', { ...SHOP, repositoryRoot: root, ...props })).toThrow(words);
    expect(() => new GithubDelivery(app, 'Third', { ...SHOP, repositoryRoot: root, ...props })).toThrow(/^PlatformError|Third: /);
    expect(written(root)).toEqual([]);
  };
  const both = (first: object, second: object) => ({ environments: [{ ...staging, ...first }, { ...production, ...second }] });

  test.each<[object, string]>([
    [{ repository: 'arcade' }, "repository is not well-formed.\n  got: repository 'arcade'"],
    [{ repository: 'https://github.com/acme/arcade' }, 'repository is not well-formed'],
    [{ repository: 'acme/*' }, 'repository is not well-formed'],
    [{ repository: 'acme/..' }, 'repository is not well-formed'],
    [{ repository: undefined }, 'repository is missing'],
    [{ region: undefined }, 'region is missing'],
    [{ region: 'Frankfurt' }, 'region is not well-formed'],
    [{ environments: [] }, 'there is no environment to deliver to'],
    [{ environments: undefined }, 'environments is missing'],
    [{ environments: 'staging' }, 'environments is not a list'],
    [{ environments: [null] }, 'environments[0].name is missing'],
    [both({ name: 'stag ing' }, {}), 'environments[0].name is not well-formed'],
    [both({ name: 'production' }, {}), 'environments has a name twice'],
    [both({ stacks: [] }, {}), 'environments[0].stacks is empty'],
    [both({ stacks: undefined }, {}), 'environments[0].stacks is missing'],
    [both({ stacks: ['$(x)'] }, {}), 'environments[0].stacks is not well-formed'],
    [both({}, { approvers: undefined }), 'the environment production has to be approved, and nobody may do so'],
    [both({}, { approvers: [] }), 'the environment production has to be approved'],
    [both({}, { approvers: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }), 'GitHub takes no more than six approvers'],
    [both({}, { approvers: ['octo cat'] }), 'environments[1].approvers is not well-formed'],
    [both({}, { approvers: ['octocat'], requiresApproval: false }), 'has approvers, and needs no approval'],
    [both({}, { requiresApproval: 'no' }), 'environments[1].requiresApproval is not a boolean'],
    [both({ requiresApproval: true, approvers: ['octocat'] }, { requiresApproval: false, approvers: undefined }), 'an environment that needs an approval comes before one that needs none.\n  got: staging before production'],
    [{ environments: [production, { ...staging, requiresApproval: false }] }, 'got: production before staging'],
    [both({}, { branches: ['main'] }), "one push would go to staging and to production at once, and nothing would be proven in between.\n  got: staging with 'main', production with 'main'"],
    [both({ branches: ['*'] }, { branches: ['main'] }), "got: staging with '*', production with 'main'"],
    [both({ branches: ['release/*'] }, { branches: ['**/1'] }), 'one push would go to'],
    [both({ branches: [] }, {}), 'environments[0].branches is empty'],
    [both({ branches: ['!main'] }, {}), 'environments[0].branches is not well-formed'],
    [both({ branches: 'main' }, {}), 'environments[0].branches is not a list'],
    [both({ url: 'https://x.example.com/path' }, {}), 'environments[0].url is not well-formed'],
    [both({ smokeTests: [{ path: 'health' }] }, {}), 'environments[0].smokeTests[0].path is not well-formed'],
    [both({ region: 'x' }, {}), 'environments[0].region is not well-formed'],
    [{ images: 'api' }, 'images is not a list'],
    [{ images: [{}] }, 'images[0].name is missing'],
    [{ images: [{ name: 'Api' }] }, 'images[0].name is not well-formed'],
    [{ images: [{ name: 'api' }, { name: 'api' }] }, 'images has a name twice'],
    [{ images: [{ name: 'api', directory: '../x' }] }, 'images[0].directory is not well-formed'],
    [{ images: [{ name: 'api', dockerfile: '/etc/passwd' }] }, 'images[0].dockerfile is not well-formed'],
    [{ images: [{ name: 'api', cpuArchitecture: 'ARM64' }] }, 'images[0].cpuArchitecture is not what it should be'],
    [{ testCommand: 'echo ${{ secrets.X }}' }, 'testCommand is not well-formed'],
    [{ installCommand: 'a\nb' }, 'installCommand is not well-formed'],
    [{ appDirectory: '/x' }, 'appDirectory is not well-formed'],
    [{ nodeVersion: 24 }, 'nodeVersion is not well-formed'],
    [{ prefix: 'My Delivery' }, 'prefix is not well-formed'],
    [{ stopAtSeverity: 'AWFUL' }, 'stopAtSeverity has a value that does not exist'],
    [{ acceptedVulnerabilities: { 'CVE-1': 'ok' } }, 'acceptedVulnerabilities.CVE-1 is not well-formed'],
    [{ acceptedVulnerabilities: ['CVE-1'] }, 'acceptedVulnerabilities is not an object'],
    [{ acceptedChecks: { CKV_AWS: 'because of this' } }, 'acceptedChecks is not well-formed'],
    [{ sessionDuration: Duration.minutes(15) }, 'sessionDuration'],
    [{ approvalDays: 31 }, 'approvalDays is not a whole number from 1 to 30'],
    [{ bootstrapQualifier: 'a b' }, 'bootstrapQualifier is not well-formed'],
    [{ check: 'yes' }, 'check is not a boolean'],
    [{ repository: Lazy.string({ produce: () => 'acme/x' }) }, 'repository is only known at deployment'],
    [{ environments: [{ ...staging, stacks: Lazy.list({ produce: () => ['x'] }) }, production] }, 'environments[0].stacks is only known at deployment'],
    [both({ name: Lazy.string({ produce: () => 'x' }) }, {}), 'environments[0].name is only known at deployment'],
  ])('%j is refused', (props, words) => refused(props, words));
});
