import { Bill, type BillSettings } from './bill';
import { COMPUTE_PRICES } from './compute-prices';
import { DATA_PRICES } from './data-prices';
import { isFreeType } from './free-types';
import { NETWORK_PRICES } from './network-prices';
import type { PricingRules } from './pricing-rules';
import type { TemplateResource } from './template-resource';
import { PROTECTION_PRICES, WATCHING_PRICES } from './watching-prices';
import type { CostReport } from '../cost-report';

const RULES: PricingRules = { ...COMPUTE_PRICES, ...NETWORK_PRICES, ...DATA_PRICES, ...WATCHING_PRICES, ...PROTECTION_PRICES };

/** Types that have a price, a rule for it, or both. */
export const PRICED_TYPES = Object.keys(RULES);

/** What these resources cost a month. */
export function estimateCosts(resources: readonly TemplateResource[], settings: BillSettings): CostReport {
  const bill = new Bill(resources, settings);
  for (const resource of bill.resources) {
    const rule = RULES[resource.type];
    if (rule) rule(resource, bill);
    else if (isFreeType(resource.type)) bill.free(resource);
    else bill.unpriced(resource, 'the estimate does not know this type');
  }
  return bill.report();
}
