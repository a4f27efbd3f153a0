import { Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import type { CostEstimateProps } from './cost-estimate';
import { DEFAULT_USAGE, MONTH_HOURS } from './default-usage';
import { PlatformError } from '../errors';
import { checkBoolean, checkKnown, checkMap, checkOneOf, display } from '../validate';
import { PRICED_REGIONS } from './estimate/price-table';

const AMOUNTS = [...Object.keys(DEFAULT_USAGE), 'auroraCapacityUnits', 'restoreTests'];
const HOURS = ['serviceHours', 'databaseHours'];

/** Refuses amounts that are none, and names that no price depends on. */
export function validateCostEstimate(where: IConstruct, props: CostEstimateProps): void {
  checkMap(where, 'usage', props.usage);
  checkKnown(where, 'usage', props.usage);
  for (const [name, amount] of Object.entries(props.usage ?? {})) checkAmountOfUse(where, name, amount);
  checkKnown(where, 'region', props.region);
  checkOneOf(where, 'region', props.region, PRICED_REGIONS);
  for (const prop of ['print', 'freeTier'] as const) {
    checkKnown(where, prop, props[prop]);
    checkBoolean(where, prop, props[prop]);
  }
  checkScopes(where, props);
}

function checkAmountOfUse(where: IConstruct, name: string, amount: unknown): void {
  checkOneOf(where, 'a name in usage', name, AMOUNTS);
  const most = HOURS.includes(name) ? MONTH_HOURS : 1e15;
  if (amount === undefined || (typeof amount === 'number' && !Token.isUnresolved(amount) && amount >= 0 && amount <= most)) return;
  throw new PlatformError(where, {
    problem: `usage.${name} is not an amount.`,
    got: `usage.${name} ${Token.isUnresolved(amount) ? 'as a token' : display(amount)}`,
    allowed: `a number from 0 to ${most}`,
    fix: `set usage.${name} to such a number, or leave it out`,
  });
}

/** Without `checkList`: a construct, given alone, has tokens in it and would pass for one. */
function checkScopes(where: IConstruct, { scopes }: CostEstimateProps): void {
  if (scopes === undefined || (Array.isArray(scopes) && scopes.length > 0 && scopes.every(scope => Construct.isConstruct(scope)))) return;
  throw new PlatformError(where, {
    problem: 'scopes is not a list of constructs.',
    got: `scopes ${Construct.isConstruct(scopes) ? scopes.node.path : display(scopes)}`,
    allowed: 'a list of stacks, stages or constructs, with one at least',
    fix: 'give what is to be estimated, or leave scopes out',
  });
}
