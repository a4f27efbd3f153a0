import { Token } from 'aws-cdk-lib';
import { checkSource } from './content-security-policy-source';
import { PlatformError } from '../errors';
import { checkBoolean, checkKnown, checkList, checkText, display } from '../validate';

/** Sources that a page may use besides its own site. */
export interface ContentSecurityPolicyOptions {
  /**
   * Where scripts come from. `'unsafe-inline'` would undo most of the protection: name the hash of an inline script instead.
   * @default - the site itself
   */
  readonly scriptSrc?: string[];
  /**
   * Where style sheets come from.
   * @default - the site itself
   */
  readonly styleSrc?: string[];
  /**
   * Where images come from.
   * @default - the site itself, and images that are written into the page as `data:`, as build tools do with small ones
   */
  readonly imgSrc?: string[];
  /**
   * Where fonts come from.
   * @default - the site itself
   */
  readonly fontSrc?: string[];
  /**
   * What scripts may call: APIs, web sockets, event streams.
   * @default - the site itself
   */
  readonly connectSrc?: string[];
  /**
   * Where audio and video come from.
   * @default - the site itself
   */
  readonly mediaSrc?: string[];
  /**
   * What the page may show in frames.
   * @default - the site itself
   */
  readonly frameSrc?: string[];
  /**
   * Where workers come from.
   * @default - the site itself
   */
  readonly workerSrc?: string[];
  /**
   * Where the manifest of a web app comes from.
   * @default - the site itself
   */
  readonly manifestSrc?: string[];
  /**
   * Where plugins come from.
   * @default - nowhere
   */
  readonly objectSrc?: string[];
  /**
   * Whatever no other list is about.
   * @default - the site itself
   */
  readonly defaultSrc?: string[];
  /**
   * What relative addresses may be made relative to.
   * @default - the site itself
   */
  readonly baseUri?: string[];
  /**
   * Where forms may be sent.
   * @default - the site itself
   */
  readonly formAction?: string[];
  /**
   * Who may show the site in a frame.
   * @default - nobody
   */
  readonly frameAncestors?: string[];
  /**
   * Where browsers report what was, or would have been, refused: an `https://` address or a path of the site.
   * @default - they report nothing
   */
  readonly reportEndpoint?: string;
  /**
   * Whether violations are reported and nothing is refused: to try a policy on a site that has none yet.
   * @default false
   */
  readonly reportOnly?: boolean;
}

/** CloudFront's limit for the value of a header. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
export const MAXIMUM_HEADER_LENGTH = 1_783;

const SELF = "'self'";
const NONE = "'none'";
/** Name of the endpoint in the header `Reporting-Endpoints`. */
const ENDPOINT = 'csp';

interface Directive {
  readonly name: string;
  /** What it has without being asked; nothing where `default-src` speaks for it. */
  readonly standard?: string[];
}

type SourceList = Exclude<keyof ContentSecurityPolicyOptions, 'reportEndpoint' | 'reportOnly'>;

const DIRECTIVES: { readonly [option in SourceList]: Directive } = {
  defaultSrc: { name: 'default-src', standard: [SELF] },
  scriptSrc: { name: 'script-src', standard: [SELF] },
  styleSrc: { name: 'style-src', standard: [SELF] },
  imgSrc: { name: 'img-src', standard: [SELF, 'data:'] },
  fontSrc: { name: 'font-src' },
  connectSrc: { name: 'connect-src' },
  mediaSrc: { name: 'media-src' },
  frameSrc: { name: 'frame-src' },
  workerSrc: { name: 'worker-src' },
  manifestSrc: { name: 'manifest-src' },
  objectSrc: { name: 'object-src', standard: [NONE] },
  baseUri: { name: 'base-uri', standard: [SELF] },
  formAction: { name: 'form-action', standard: [SELF] },
  frameAncestors: { name: 'frame-ancestors', standard: [NONE] },
};

/**
 * What a page of the site may load, call and be shown in: the browser refuses the rest, which is what is left of an injected script.
 *
 * Strict to begin with: only the site itself. Sources are added to what a directive has; `'none'` gives way to them, and takes their place
 * where it is given.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export class ContentSecurityPolicy {
  /** Whether violations are only reported. */
  public readonly reportOnly: boolean;
  /** The policy as the header has it. */
  public readonly value: string;
  /**
   * The header `Reporting-Endpoints` that belongs to the policy.
   * @internal
   */
  public readonly _reportingEndpoints?: string;
  /**
   * Who may show the site in a frame, as far as it is known at synth.
   * @internal
   */
  public readonly _frameAncestors: string[];

  constructor(private readonly options: ContentSecurityPolicyOptions = {}) {
    validateContentSecurityPolicy(options);
    const directives = (Object.keys(DIRECTIVES) as SourceList[])
      .map(option => ({ name: DIRECTIVES[option].name, sources: sourcesOf(option, options) }));
    this.reportOnly = options.reportOnly ?? false;
    this._frameAncestors = sourcesOf('frameAncestors', options);
    this._reportingEndpoints = options.reportEndpoint && `${ENDPOINT}="${options.reportEndpoint}"`;
    this.value = [
      ...directives.filter(({ sources }) => sources.length > 0).map(({ name, sources }) => `${name} ${sources.join(' ')}`),
      // Browsers that know `report-to` ignore the older `report-uri`.
      ...options.reportEndpoint ? [`report-uri ${options.reportEndpoint}`, `report-to ${ENDPOINT}`] : [],
    ].join('; ');
    checkLength(this.value);
  }

  /**
   * The same policy with further sources.
   *
   * @param further sources that are added to those of this policy; a list that is `'none'` takes their place
   */
  public and(further: ContentSecurityPolicyOptions): ContentSecurityPolicy {
    validateContentSecurityPolicy(further);
    const lists = (Object.keys(DIRECTIVES) as SourceList[]).filter(option => further[option] !== undefined);
    const merged = Object.fromEntries(lists.map(option => [option, [...this.options[option] ?? [], ...further[option]!]]));
    return new ContentSecurityPolicy({ ...this.options, ...further, ...merged });
  }

  /** The policy as the header has it. */
  public toString(): string {
    return this.value;
  }
}

function sourcesOf(option: SourceList, options: ContentSecurityPolicyOptions): string[] {
  const given = options[option];
  const standard = DIRECTIVES[option].standard;
  if (given === undefined || given.length === 0) return standard ?? [];
  if (given.includes(NONE)) return [NONE];
  // Those who may frame the site are named one by one: to name one is not to name the site itself.
  const kept = option === 'frameAncestors' || option === 'objectSrc' ? [] : standard ?? [SELF];
  return [...new Set([...kept, ...given])];
}

function validateContentSecurityPolicy(options: ContentSecurityPolicyOptions): void {
  const known = [...Object.keys(DIRECTIVES), 'reportEndpoint', 'reportOnly'];
  for (const option of Object.keys(options)) checkOption(option, known);
  for (const option of Object.keys(DIRECTIVES) as SourceList[]) checkSources(option, options[option]);
  checkBoolean('ContentSecurityPolicy', 'reportOnly', options.reportOnly);
  checkText('ContentSecurityPolicy', 'reportEndpoint', options.reportEndpoint, /^(https:\/\/[a-z0-9.-]+(:\d+)?|)\/[^\s;,"\\]*$/i,
    'an address such as https://reports.example.com/csp, or a path such as /api/csp');
}

function checkOption(option: string, known: string[]): void {
  if (known.includes(option)) return;
  throw new PlatformError('ContentSecurityPolicy', {
    problem: `there is no option ${option}.`,
    got: option,
    allowed: known.join(', '),
    fix: 'correct its spelling',
  });
}

function checkSources(option: SourceList, sources: string[] | undefined): void {
  checkList('ContentSecurityPolicy', option, sources);
  if (sources === undefined) return;
  checkKnown('ContentSecurityPolicy', option, sources);
  const { name } = DIRECTIVES[option];
  for (const source of sources) checkSource(name, option, source);
  if (!sources.includes(NONE) || sources.length === 1) return;
  throw new PlatformError('ContentSecurityPolicy', {
    problem: `'none' stands beside other sources of ${name}, and browsers would ignore it.`,
    got: `${option} ${display(sources)}`,
    allowed: "'none' alone, or other sources",
    fix: "leave out 'none', or the others",
  });
}

function checkLength(value: string): void {
  if (Token.isUnresolved(value) || value.length <= MAXIMUM_HEADER_LENGTH) return;
  throw new PlatformError('ContentSecurityPolicy', {
    problem: 'the policy is too long for CloudFront.',
    got: `${value.length} characters: ${display(value)}`,
    allowed: `at most ${MAXIMUM_HEADER_LENGTH} characters`,
    fix: 'name hosts with a wildcard, such as https://*.example.com, or drop hashes by moving inline scripts to files',
  });
}
