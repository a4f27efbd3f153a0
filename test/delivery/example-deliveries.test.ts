import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { DeliveryHub, DeliveryWorkflow } from './delivery-run';
import { addDelivery as aivp } from '../../examples/aivp/delivery';
import { addDelivery as alva } from '../../examples/alva/delivery';
import { addDelivery as arcade } from '../../examples/arcade/delivery';
import { addPromotion } from '../../examples/rpg/promotion';

/** Every script of three roads, run in bash. */
jest.setTimeout(120_000);

const EXAMPLES = Object.entries({ aivp, alva, arcade });
const RELEASE = '42.1-01234567';

function workflow(example: string, file: string): string {
  return readFileSync(join(__dirname, '../../examples', example, '.github/workflows', file), 'utf8');
}

test.each(EXAMPLES)('the workflows that examples/%s has committed are those that the library writes', (example, addDelivery) => {
  const folder = join(__dirname, '../../examples', example, '.github/workflows');
  const { workflows } = addDelivery(new App());
  expect(readdirSync(folder).filter(file => file.startsWith('delivery'))).toEqual(Object.keys(workflows).sort());
  for (const [file, text] of Object.entries(workflows)) expect(workflow(example, file)).toBe(text);
});

test('the promotion that examples/rpg has committed is the one that the library writes', () => {
  expect(workflow('rpg', 'promotion.yml')).toBe(addPromotion(new App(), 'rpg.example.com').workflow);
});

describe.each(EXAMPLES)('what examples/%s has committed', example => {
  let hub: DeliveryHub;

  beforeEach(() => {
    hub = new DeliveryHub(undefined, { programs: join(__dirname, 'stand-ins-of-users') });
    hub.vars = {
      DELIVERY_ROLE_ARN: 'arn:aws:iam::111111111111:role/delivery',
      ...Object.fromEntries(['API', 'AUTH', 'WEB'].map(name => [`DELIVERY_REPOSITORY_${name}`, `111111111111.dkr.ecr.eu-central-1.amazonaws.com/${example}/${name.toLowerCase()}`])),
    };
    hub.write('repositories', '');
    hub.write('environments/production', JSON.stringify({ protection_rules: [{ type: 'required_reviewers', reviewers: [{ reviewer: { slug: 'operations' } }] }] }));
    hub.write('diff', 'There were no differences\n');
  });
  afterEach(() => hub.remove());

  /** All jobs of a workflow, as far as they are wanted. */
  async function run(file: string, inputs = {}, wanted = /./): Promise<string> {
    const text = workflow(example, file);
    const jobs = Object.keys((parse(text) as DeliveryWorkflow).jobs).filter(job => wanted.test(job));
    return hub.run(text, 42, inputs).jobs(...jobs);
  }

  function deployments(): string[] {
    return hub.read('deployments').split('\n').filter(line => line.startsWith('cdk deploy'));
  }

  test('runs, from a push to production, and back', async () => {
    await run('delivery.yml');
    expect(deployments()).toHaveLength(2);
    expect(deployments()[1]).toMatch(/[Pp]rod\S*$/);
    expect(hub.calls('curl').length).toBeGreaterThan(1);
    await run('delivery-pull-request.yml');
    await run('delivery-drift.yml');
    await run('delivery-rollback.yml', { environment: 'production', release: RELEASE }, /production/);
    expect(deployments()).toHaveLength(3);
  });
});
