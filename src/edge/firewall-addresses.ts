import { isIPv4, isIPv6 } from 'net';
import { Names, Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { PlatformError } from '../errors';
import { checkList, display } from '../validate';

type Where = Construct | string;

/** What one IP set holds at most. */
const MOST_ADDRESSES = 10_000;

/** Address ranges by their kind: AWS WAF keeps IPv4 and IPv6 in sets of their own. */
export interface AddressRanges {
  readonly ipv4: string[];
  readonly ipv6: string[];
}

/** A range that is only known at deployment is taken for IPv4. */
export function addressRanges(cidrs: string[]): AddressRanges {
  if (Token.isUnresolved(cidrs)) return { ipv4: cidrs, ipv6: [] };
  const isLong = (cidr: string) => !Token.isUnresolved(cidr) && cidr.includes(':');
  return { ipv4: cidrs.filter(cidr => !isLong(cidr)), ipv6: cidrs.filter(isLong) };
}

/** One unit for each set. */
export function addressCapacity({ ipv4, ipv6 }: AddressRanges): number {
  return [ipv4, ipv6].filter(ranges => ranges.length > 0).length;
}

/** Refuses what is not a list of address ranges. */
export function checkAddresses(where: Where, prop: string, cidrs: string[] | undefined): void {
  checkList(where, prop, cidrs);
  if (cidrs === undefined || Token.isUnresolved(cidrs)) return;
  for (const cidr of cidrs) checkAddress(where, prop, cidr);
  const most = Math.max(...Object.values(addressRanges(cidrs)).map(ranges => ranges.length));
  if (most <= MOST_ADDRESSES) return;
  throw new PlatformError(where, {
    problem: `${prop} has more ranges than AWS WAF holds in one list.`,
    got: `${most} ranges of one kind`,
    allowed: `at most ${MOST_ADDRESSES} of IPv4 and as many of IPv6`,
    fix: 'join neighbouring ranges into larger ones',
  });
}

function checkAddress(where: Where, prop: string, cidr: string): void {
  if (Token.isUnresolved(cidr)) return;
  const [, address, prefix] = /^([^/]*)\/(\d{1,3})$/.exec(String(cidr)) ?? [];
  const longest = address !== undefined && isIPv4(address) ? 32 : 128;
  if (address !== undefined && (isIPv4(address) || isIPv6(address)) && Number(prefix) >= 1 && Number(prefix) <= longest) return;
  throw new PlatformError(where, {
    problem: `${prop} has something else than an address range.`,
    got: `${prop} with ${display(cidr)}`,
    allowed: 'ranges such as 203.0.113.0/24 or 2001:db8::/32, with 1 leading bit or more',
    fix: 'write an address, a slash and the number of leading bits; a single address ends in /32 (IPv4) or /128 (IPv6)',
  });
}

/** Where the lists of one rule are made: each list has a place that only the rule's name and its order in the rule decide. */
export class AddressLists {
  private lists = 0;

  constructor(private readonly scope: Construct, private readonly placement: 'CLOUDFRONT' | 'REGIONAL') {}

  /** A statement that matches requests from the ranges. */
  public statement({ ipv4, ipv6 }: AddressRanges): wafv2.CfnWebACL.StatementProperty {
    this.lists += 1;
    const statements = [this.reference('Ipv4', 'IPV4', ipv4), this.reference('Ipv6', 'IPV6', ipv6)].filter(statement => statement !== undefined);
    return statements.length === 1 ? statements[0] : { orStatement: { statements } };
  }

  private reference(id: string, ipAddressVersion: string, addresses: string[]): wafv2.CfnWebACL.StatementProperty | undefined {
    if (addresses.length === 0) return undefined;
    const list = new wafv2.CfnIPSet(this.scope, `${id}List${this.lists}`, {
      scope: this.placement,
      ipAddressVersion,
      addresses,
      description: `Addresses of ${Names.uniqueResourceName(this.scope, { maxLength: 200 })}`,
    });
    return { ipSetReferenceStatement: { arn: list.attrArn } };
  }
}
