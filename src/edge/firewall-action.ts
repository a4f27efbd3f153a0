import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { checkOneOf } from '../validate';

/** @see https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-status-codes.html */
const RESPONSE_CODES = [
  200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308,
  400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414, 415, 416, 421, 429, 500, 501, 502, 503, 504, 505,
];

/** How a firewall answers what it blocks. */
export interface FirewallBlockOptions {
  /**
   * HTTP status of the answer. AWS WAF takes most of the codes from 200 to 505.
   * @default 403
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-status-codes.html
   */
  readonly responseCode?: number;
}

/** What a firewall does with a request that a rule matches. */
export class FirewallAction {
  /** Answers the request itself, so that it does not come through. */
  public static block(options: FirewallBlockOptions = {}): FirewallAction {
    const { responseCode } = options;
    checkOneOf('FirewallAction', 'responseCode', responseCode, RESPONSE_CODES);
    return new FirewallAction('BlockedRequests', { block: responseCode === undefined ? {} : { customResponse: { responseCode } } });
  }

  /** Lets the request through. No rule after this one sees it. */
  public static allow(): FirewallAction {
    return new FirewallAction('AllowedRequests', { allow: {} });
  }

  /** Counts and logs the request; the rules after this one decide. */
  public static count(): FirewallAction {
    return new FirewallAction('CountedRequests', { count: {} });
  }

  /** Has the browser solve a task unseen by its user. For pages over HTTPS: an API's client cannot solve it. AWS charges for each. */
  public static challenge(): FirewallAction {
    return new FirewallAction('ChallengeRequests', { challenge: {} });
  }

  /** Has the user solve a puzzle. For pages over HTTPS: an API's client cannot solve it. AWS charges for each attempt. */
  public static captcha(): FirewallAction {
    return new FirewallAction('CaptchaRequests', { captcha: {} });
  }

  private constructor(
    /**
     * The metric that counts the requests.
     * @internal
     */
    public readonly _metricName: string,
    /** @internal */
    public readonly _action: wafv2.CfnWebACL.RuleActionProperty,
  ) {}

  /**
   * What it does while the firewall is tried. What is allowed stays allowed, or the rules after it would count requests that they will never see.
   * @internal
   */
  public _whileTried(): FirewallAction {
    return this._action.allow ? this : FirewallAction.count();
  }
}
