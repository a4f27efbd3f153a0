import type { Bill } from './bill';
import type { TemplateResource } from './template-resource';

/** How the resources of each type are charged. */
export type PricingRules = { readonly [type: string]: (resource: TemplateResource, bill: Bill) => void };

/** Such as `1 node` and `2 nodes`. */
export function several(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
