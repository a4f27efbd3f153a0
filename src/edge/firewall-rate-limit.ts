import { Duration } from 'aws-cdk-lib';
import { FirewallAction } from './firewall-action';
import { checkFirewallName, checkMatch } from './firewall-checks';
import { FirewallMatch } from './firewall-match';
import { PlatformError } from '../errors';
import { checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkOneOf, checkText } from '../validate';

const WINDOWS = [60, 120, 300, 600];

/** What AWS WAF can count to. */
const MOST_REQUESTS = 2_000_000_000;

/** What the rule itself costs, in capacity units. @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html */
const BASE_CAPACITY = 2;

/** Options of `RateLimit.perPath()`. */
export interface PathRateLimitOptions {
  /** Requests in the window from one address, 10 to 2,000,000,000. */
  readonly limit: number;
  /**
   * How far back requests are counted: 1, 2, 5 or 10 minutes. AWS WAF looks about every 10 seconds.
   * @default Duration.minutes(5)
   */
  readonly window?: Duration;
  /**
   * Name of the rule, in metrics and logs.
   * @default - RateLimit, and the path
   */
  readonly name?: string;
  /**
   * What happens above the limit, until the rate is below it again.
   * @default - FirewallAction.block({ responseCode: 429 })
   */
  readonly action?: FirewallAction;
}

/** Options of `RateLimit.perIp()`. */
export interface IpRateLimitOptions {
  /**
   * Requests in the window from one address, 10 to 2,000,000,000.
   * @default 2000
   */
  readonly limit?: number;
  /**
   * How far back requests are counted: 1, 2, 5 or 10 minutes. AWS WAF looks about every 10 seconds.
   * @default Duration.minutes(5)
   */
  readonly window?: Duration;
  /**
   * Which requests are counted and limited.
   * @default - all
   */
  readonly onlyWhere?: FirewallMatch;
  /**
   * Name of the rule, in metrics and logs.
   * @default RateLimit
   */
  readonly name?: string;
  /**
   * What happens above the limit, until the rate is below it again.
   * @default - FirewallAction.block({ responseCode: 429 })
   */
  readonly action?: FirewallAction;
}

/**
 * How many requests one address may send. AWS WAF estimates the rate, so that a little more comes through before a limit holds.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-caveats.html
 */
export class RateLimit {
  /**
   * A limit for everything that one address asks for.
   *
   * Without a limit given it is 2,000 in five minutes, near 7 a second: a person who opens a page of fifty files every ten seconds
   * stays below it, as does a small office behind one address; a script that tries passwords or copies the site does not.
   */
  public static perIp(options: IpRateLimitOptions = {}): RateLimit {
    return new RateLimit(options.name ?? 'RateLimit', options.limit ?? 2000, options);
  }

  /**
   * A limit for what is expensive or worth guessing at, such as `/login`.
   *
   * @param path how the path begins
   */
  public static perPath(path: string, options: PathRateLimitOptions): RateLimit {
    const where = 'RateLimit.perPath';
    checkGiven(where, 'path', path, 'a path, such as /login');
    checkKnown(where, 'path', path);
    checkText(where, 'path', path, /^\/[^?#*\s]+$/, 'a path such as /login, without query and wildcards');
    checkGiven(where, 'limit', options?.limit, `10 to ${MOST_REQUESTS}`);
    const name = `RateLimit${path.replace(/\/+$/, '').replace(/[^\w]+/g, '-')}`.slice(0, 128);
    return new RateLimit(options.name ?? name, options.limit, { ...options, onlyWhere: FirewallMatch.path().startsWith(path) });
  }

  /** @internal */
  public readonly _window: number;
  /** @internal */
  public readonly _action: FirewallAction;
  /** @internal */
  public readonly _onlyWhere?: FirewallMatch;

  private constructor(
    /** Name of the rule. */
    public readonly name: string,
    /** @internal */
    public readonly _limit: number,
    options: IpRateLimitOptions,
  ) {
    checkFirewallName('RateLimit', 'name', name);
    const where = `RateLimit ${name}`;
    checkInteger(where, 'limit', _limit, 10, MOST_REQUESTS);
    checkDuration(where, 'window', options.window, 60, 600);
    this._window = options.window?.toSeconds() ?? 300;
    checkOneOf(where, 'window (seconds)', this._window, WINDOWS);
    if (options.onlyWhere !== undefined) checkMatch(where, 'onlyWhere', options.onlyWhere);
    checkKind(where, 'action', options.action, '_metricName', 'a FirewallAction, such as FirewallAction.count()');
    checkAction(where, options.action);
    this._onlyWhere = options.onlyWhere;
    this._action = options.action ?? FirewallAction.block({ responseCode: 429 });
  }

  /** @internal */
  public get _capacity(): number {
    return BASE_CAPACITY + (this._onlyWhere?._capacity ?? 0);
  }
}

function checkAction(where: string, action: FirewallAction | undefined): void {
  if (!action?._action.allow) return;
  throw new PlatformError(where, {
    problem: 'what is above a rate limit cannot be allowed.',
    got: 'action allow',
    allowed: 'block, count, challenge, captcha',
    fix: 'choose another action, or leave it out',
  });
}
