import type { FirewallMatch } from './firewall-match';
import { checkGiven, checkKind, checkKnown, checkText } from '../validate';

/** Words that AWS WAF has metrics of its own under. */
const NAME = /^(?!(all|default_action)$)[\w-]{1,128}$/i;

/** The name of a rule, which is also that of its metric. */
export function checkFirewallName(where: string, prop: string, name: string): void {
  const allowed = '1 to 128 letters, digits, hyphens and underscores, other than All and Default_Action';
  checkGiven(where, prop, name, allowed);
  checkKnown(where, prop, name);
  checkText(where, prop, name, NAME, allowed);
}

/** A match, and not the part of a request that one forgot to compare with something. */
export function checkMatch(where: string, prop: string, match: FirewallMatch): void {
  const allowed = "a FirewallMatch, such as FirewallMatch.path().startsWith('/admin')";
  checkGiven(where, prop, match, allowed);
  checkKind(where, prop, match, '_capacity', allowed);
}
