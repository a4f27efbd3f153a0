import { FirewallAction, FirewallBlockOptions } from './firewall-action';
import { checkFirewallName, checkMatch } from './firewall-checks';
import { FirewallMatch } from './firewall-match';

/** A rule of a team's own: a name, the requests that it is about, and what happens to them. */
export class FirewallRule {
  /**
   * Blocks the requests.
   *
   * @param name letters, digits, hyphens and underscores; it is the name in metrics and logs
   * @param match which requests
   * @param options how they are answered
   */
  public static block(name: string, match: FirewallMatch, options: FirewallBlockOptions = {}): FirewallRule {
    return new FirewallRule(name, match, FirewallAction.block(options));
  }

  /** Lets the requests through, past own rules after this one and past the managed groups. Lists, countries and rate limits have been asked before. */
  public static allow(name: string, match: FirewallMatch): FirewallRule {
    return new FirewallRule(name, match, FirewallAction.allow());
  }

  /** Counts and logs the requests, to see what a rule would do. */
  public static count(name: string, match: FirewallMatch): FirewallRule {
    return new FirewallRule(name, match, FirewallAction.count());
  }

  /** Has browsers prove that they are browsers, unseen by users. */
  public static challenge(name: string, match: FirewallMatch): FirewallRule {
    return new FirewallRule(name, match, FirewallAction.challenge());
  }

  /** Has users prove that they are people. */
  public static captcha(name: string, match: FirewallMatch): FirewallRule {
    return new FirewallRule(name, match, FirewallAction.captcha());
  }

  private constructor(
    /** Name of the rule. */
    public readonly name: string,
    /** @internal */
    public readonly _match: FirewallMatch,
    /** @internal */
    public readonly _action: FirewallAction,
  ) {
    checkFirewallName('FirewallRule', 'name', name);
    checkMatch(`FirewallRule ${name}`, 'match', _match);
  }
}
