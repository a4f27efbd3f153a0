import { Token } from 'aws-cdk-lib';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkText, display } from '../validate';

const LENGTH = 'with up to 2,048 characters';

/** Which visitors a rule is for. */
export interface AmplifyRuleOptions {
  /**
   * Country of the visitors that the rule is for, as two letters such as `DE`.
   * @default - visitors from everywhere
   */
  readonly country?: string;
}

/** How a redirect is told to browsers. */
export interface AmplifyRedirectOptions extends AmplifyRuleOptions {
  /**
   * Whether browsers remember it (301). Nobody can make them forget: be sure that the old address is never used again.
   * @default false - 302
   */
  readonly permanent?: boolean;
}

// Addresses without a file's ending that browsers ask for as part of a page.
const PAGES_OF_AN_APP = '</^[^.]+$|\\.(?!(avif|css|gif|html?|ico|jpe?g|js|json|map|mjs|mp3|mp4|pdf|png|svg|otf|ttf|txt|wasm|webm|webmanifest|webp|woff2?|xml|zip)$)([^.]+$)/>';

/**
 * What Amplify answers for some addresses instead of a file of that name. The first rule that matches counts.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/redirects.html
 */
export class AmplifyRule {
  /**
   * Sends browsers to another address, which they show.
   *
   * @param source path such as `/old/<*>`, or a whole host such as `https://www.example.com`
   * @param target address such as `/new/<*>` or `https://example.com`
   */
  public static redirect(source: string, target: string, options: AmplifyRedirectOptions = {}): AmplifyRule {
    checkBoolean('AmplifyRule.redirect', 'permanent', options.permanent);
    return new AmplifyRule(source, target, options.permanent ?? false ? '301' : '302', options.country);
  }

  /**
   * Answers with what is at another address, without telling the browser: a path of the site, or another host that is asked on the way.
   *
   * @param source path such as `/api/<*>`
   * @param target address such as `https://api.example.com/<*>`
   */
  public static rewrite(source: string, target: string, options: AmplifyRuleOptions = {}): AmplifyRule {
    return new AmplifyRule(source, target, '200', options.country);
  }

  /**
   * Answers with a page of the site, and 404, where there is nothing.
   *
   * @param target path of the page, such as `/404.html`
   */
  public static notFound(target: string, options: AmplifyRuleOptions = {}): AmplifyRule {
    return new AmplifyRule('/<*>', target, '404', options.country);
  }

  /** Answers with `/index.html` wherever an address does not end as a file does: the app in the browser decides what it shows. */
  public static singlePageApp(): AmplifyRule {
    return new AmplifyRule(PAGES_OF_AN_APP, '/index.html', '200');
  }

  private constructor(
    /** Addresses that the rule is for. */
    public readonly source: string,
    /** What is answered. */
    public readonly target: string,
    /** Status of the answer: 200, 301, 302 or 404. */
    public readonly status: string,
    /** Country of the visitors that the rule is for. */
    public readonly country?: string,
  ) {
    const where = 'AmplifyRule';
    checkGiven(where, 'source', source, 'a path such as /old/<*>');
    checkGiven(where, 'target', target, 'an address such as /new/<*>');
    checkText(where, 'source', source, /^(?=[^]{1,2048}$)(\/|https?:\/\/|<\/.*\/>$)\S*$/, `a path that begins with /, a host with https:// in front, or a pattern </…/>, ${LENGTH}`);
    checkText(where, 'target', target, /^(?=[^]{1,2048}$)(\/|https?:\/\/)\S*$/, `a path that begins with /, or an address with https:// in front, ${LENGTH}`);
    checkText(where, 'country', country, /^[A-Z]{2}$/, 'two capital letters, such as DE');
    checkLoop(where, source, target, status);
  }
}

function checkLoop(where: string, source: string, target: string, status: string): void {
  if (Token.isUnresolved(source) || Token.isUnresolved(target) || source !== target || status === '200') return;
  throw new PlatformError(where, {
    problem: 'a redirect to itself never ends.',
    got: `source and target ${display(source)}`,
    allowed: 'a target that is not the source',
    fix: 'change the target',
  });
}
