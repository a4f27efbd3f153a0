import { Size, Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { AddressLists, addressCapacity, addressRanges, checkAddresses } from './firewall-addresses';
import { checkMatch } from './firewall-checks';
import { checkCountries } from './firewall-countries';
import { checkSize } from './firewall-sizes';
import { PlatformError } from '../errors';
import { checkGiven, checkInteger, checkList, checkText, display } from '../validate';

type Statement = wafv2.CfnWebACL.StatementProperty;
type Field = wafv2.CfnWebACL.FieldToMatchProperty;

/**
 * What each transformation of a text costs, in capacity units.
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-string-match.html
 */
const TRANSFORMATION_CAPACITY = 10;

const WHERE = 'FirewallMatch';

function transformations(types: string[]): wafv2.CfnWebACL.TextTransformationProperty[] {
  return (types.length === 0 ? ['NONE'] : types).map((type, priority) => ({ type, priority }));
}

/**
 * Which requests a rule is about: a part of the request compared with a value, or several such comparisons together.
 *
 * Texts are compared without regard to upper and lower case, after percent-encoding and detours of a path (`//`, `/../`) have been resolved.
 * A value that is only known at deployment is compared exactly as it is.
 */
export class FirewallMatch {
  /** The path of the request, such as `/admin`, without its query. */
  public static path(): FirewallField {
    return FirewallField._of({ uriPath: {} }, ['URL_DECODE', 'NORMALIZE_PATH']);
  }

  /** All that follows the question mark. */
  public static query(): FirewallField {
    return FirewallField._of({ queryString: {} }, ['URL_DECODE']);
  }

  /**
   * One parameter of the query.
   *
   * @param name name of the parameter, in any case
   */
  public static queryParameter(name: string): FirewallField {
    checkName('the name of a parameter', name, 128);
    return FirewallField._of({ singleQueryArgument: { Name: name } }, ['URL_DECODE']);
  }

  /**
   * One header.
   *
   * @param name name of the header, in any case
   */
  public static header(name: string): FirewallField {
    checkName('the name of a header', name, 64);
    return FirewallField._of({ singleHeader: { Name: name } }, []);
  }

  /**
   * The value of one cookie. AWS WAF sees the first 8 KB of cookies.
   *
   * @param name name of the cookie
   */
  public static cookie(name: string): FirewallField {
    checkName('the name of a cookie', name, 60);
    return FirewallField._of({ cookies: { matchPattern: { includedCookies: [name] }, matchScope: 'VALUE', oversizeHandling: 'CONTINUE' } }, []);
  }

  /** The body, as far as it is inspected: 8 KB at a load balancer, 16 KB to 64 KB at CloudFront. */
  public static body(): FirewallField {
    return FirewallField._of({ body: { oversizeHandling: 'CONTINUE' } }, [], { body: { oversizeHandling: 'MATCH' } });
  }

  /**
   * Requests with one of the methods.
   *
   * @param methods such as `POST`, in capitals
   */
  public static method(...methods: string[]): FirewallMatch {
    for (const method of methods) checkName('a method', method, 20, /^[A-Z]+$/);
    const field = { method: {} };
    return FirewallMatch.anyOf(...methods.map(method => compare(field, [], 'EXACTLY', method, 2)));
  }

  /**
   * Requests from one of the countries. An address of unknown country is in none.
   *
   * @param codes two letters each (ISO 3166), such as `DE`
   */
  public static country(...codes: string[]): FirewallMatch {
    checkCountries(WHERE, 'countries', codes);
    checkSome('countries', codes);
    return FirewallMatch._of(1, () => ({ geoMatchStatement: { countryCodes: codes } }));
  }

  /**
   * Requests from one of the address ranges.
   *
   * @param cidrs such as `203.0.113.0/24` or `2001:db8::/32`; what is only known at deployment is taken for IPv4
   */
  public static addresses(...cidrs: string[]): FirewallMatch {
    checkAddresses(WHERE, 'addresses', cidrs);
    checkSome('addresses', cidrs);
    return FirewallMatch._addressList(cidrs);
  }

  /** @internal */
  public static _addressList(cidrs: string[]): FirewallMatch {
    const ranges = addressRanges(cidrs);
    return FirewallMatch._of(addressCapacity(ranges), lists => lists.statement(ranges));
  }

  /**
   * Requests that a rule before has labelled, such as a rule of a managed group that only counts. A rule with a label runs after the managed groups.
   *
   * @param key such as `awswaf:managed:aws:core-rule-set:SizeRestrictions_Body`
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
   */
  public static label(key: string): FirewallMatch {
    checkName('a label', key, 1024, /^[0-9A-Za-z_:-]+$/);
    return FirewallMatch._of(1, () => ({ labelMatchStatement: { scope: 'LABEL', key } }), true);
  }

  /** Requests that all of these match. */
  public static allOf(...matches: FirewallMatch[]): FirewallMatch {
    return combine(matches, statements => ({ andStatement: { statements } }));
  }

  /** Requests that at least one of these matches. */
  public static anyOf(...matches: FirewallMatch[]): FirewallMatch {
    return combine(matches, statements => ({ orStatement: { statements } }));
  }

  /** Requests that none of these matches. */
  public static noneOf(...matches: FirewallMatch[]): FirewallMatch {
    const any = FirewallMatch.anyOf(...matches);
    return FirewallMatch._of(any._capacity, lists => ({ notStatement: { statement: any._render(lists) } }), any._usesLabel);
  }

  /** @internal */
  public static _of(capacity: number, render: (lists: AddressLists) => Statement, usesLabel: boolean = false): FirewallMatch {
    return new FirewallMatch(capacity, render, usesLabel);
  }

  private constructor(
    /** @internal */
    public readonly _capacity: number,
    /** @internal */
    public readonly _render: (lists: AddressLists) => Statement,
    /** @internal */
    public readonly _usesLabel: boolean,
  ) {}
}

/** A part of a request, to be compared with something. */
export class FirewallField {
  /** @internal */
  public static _of(field: Field, decoding: string[], sizedField: Field = field): FirewallField {
    return new FirewallField(field, decoding, sizedField);
  }

  private constructor(
    private readonly field: Field,
    private readonly decoding: string[],
    private readonly sizedField: Field,
  ) {}

  /** The part begins with the text. */
  public startsWith(text: string): FirewallMatch {
    return this.compare('STARTS_WITH', text, 2);
  }

  /** The part ends with the text. */
  public endsWith(text: string): FirewallMatch {
    return this.compare('ENDS_WITH', text, 2);
  }

  /** The text is somewhere in the part. */
  public contains(text: string): FirewallMatch {
    return this.compare('CONTAINS', text, 10);
  }

  /** The part is the text. */
  public isExactly(text: string): FirewallMatch {
    return this.compare('EXACTLY', text, 2);
  }

  /**
   * The part matches a regular expression. Case counts, unless it begins with `(?i)`.
   *
   * @param expression up to 512 characters, in the syntax that AWS WAF takes: most of PCRE, without references back and look-around
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-regex-pattern-support.html
   */
  public matchesRegex(expression: string): FirewallMatch {
    checkGiven(WHERE, 'expression', expression, 'a regular expression');
    checkText(WHERE, 'expression', expression, /^.{1,512}$/, '1 to 512 characters on one line');
    return FirewallMatch._of(3 + TRANSFORMATION_CAPACITY * this.decoding.length, () => ({
      regexMatchStatement: { fieldToMatch: this.field, regexString: expression, textTransformations: transformations(this.decoding) },
    }));
  }

  /** The part is larger than a size. A body that is larger than what is inspected is larger than any size. */
  public isLargerThan(size: Size): FirewallMatch {
    checkGiven(WHERE, 'size', size, 'a Size, such as Size.kibibytes(8)');
    checkSize(WHERE, 'size', size);
    return FirewallMatch._of(1, () => ({
      sizeConstraintStatement: { fieldToMatch: this.sizedField, comparisonOperator: 'GT', size: size.toBytes(), textTransformations: transformations([]) },
    }));
  }

  private compare(positionalConstraint: string, text: string, capacity: number): FirewallMatch {
    // The text of a token would be spoiled by lower case.
    const lowercase = Token.isUnresolved(text) ? [] : ['LOWERCASE'];
    checkSearch(text);
    return compare(this.field, [...this.decoding, ...lowercase], positionalConstraint, lowercase.length > 0 ? text.toLowerCase() : text, capacity);
  }
}

function compare(
  fieldToMatch: Field, types: string[], positionalConstraint: string, searchString: string, capacity: number,
): FirewallMatch {
  return FirewallMatch._of(capacity + TRANSFORMATION_CAPACITY * types.length, () => ({
    byteMatchStatement: { fieldToMatch, positionalConstraint, searchString, textTransformations: transformations(types) },
  }));
}

function combine(matches: FirewallMatch[], join: (statements: Statement[]) => Statement): FirewallMatch {
  checkSome('matches', matches);
  for (const match of matches) checkMatch(WHERE, 'matches', match);
  if (matches.length === 1) return matches[0];
  const capacity = matches.reduce((sum, match) => sum + match._capacity, 0);
  return FirewallMatch._of(capacity, lists => join(matches.map(match => match._render(lists))), matches.some(match => match._usesLabel));
}

function checkSome(prop: string, values: unknown[]): void {
  checkList(WHERE, prop, values);
  if (values.length > 0) return;
  throw new PlatformError(WHERE, {
    problem: `there are no ${prop}, so that nothing would be matched.`,
    got: `${prop} ${display(values)}`,
    allowed: 'at least one',
    fix: `name the ${prop}`,
  });
}

function checkName(what: string, name: string, longest: number, form: RegExp = /^[\x21-\x7e]+$/): void {
  checkGiven(WHERE, what, name, 'a text');
  checkText(WHERE, what, name, form, form.source);
  if (!Token.isUnresolved(name)) checkInteger(WHERE, `the length of ${what}`, name.length, 1, longest);
}

function checkSearch(text: string): void {
  checkGiven(WHERE, 'text', text, 'a text of 1 to 200 bytes');
  checkText(WHERE, 'text', text, /^[^]+$/, 'a text of 1 to 200 bytes');
  if (!Token.isUnresolved(text)) checkInteger(WHERE, 'the length of the text in bytes', Buffer.byteLength(text), 1, 200);
}
