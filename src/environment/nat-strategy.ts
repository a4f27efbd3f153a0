import { checkInteger } from '../validate';

/** How private subnets reach the internet. */
export enum NatKind {
  /** Managed NAT gateways. */
  GATEWAYS = 'gateways',
  /** One small EC2 instance. */
  INSTANCE = 'instance',
  /** Not at all. */
  NONE = 'none',
}

/** The way from private subnets to the internet, the largest fixed cost of a small VPC. */
export class NatStrategy {
  /**
   * Managed NAT gateways, each about 33 USD a month (us-east-1) plus traffic.
   * As many as zones means that a zone's failure takes no other zone off the internet.
   *
   * @param count number of gateways, 1 to 3
   */
  public static gateways(count: number): NatStrategy {
    checkInteger('NatStrategy.gateways', 'count', count, 1, 3);
    return new NatStrategy(NatKind.GATEWAYS, count);
  }

  /** One t4g.nano instance that does NAT, about 7 USD a month with its address: for development, it has no stand-in when it fails. */
  public static instance(): NatStrategy {
    return new NatStrategy(NatKind.INSTANCE, 1);
  }

  /** No way to the internet: subnets are isolated and reach AWS through endpoints only. */
  public static none(): NatStrategy {
    return new NatStrategy(NatKind.NONE, 0);
  }

  private constructor(
    /** Which way it is. */
    public readonly kind: NatKind,
    /** How many gateways or instances it takes. */
    public readonly count: number,
  ) {}

  /** The strategy in words, such as `gateways(2)`. */
  public toString(): string {
    return this.kind === NatKind.GATEWAYS ? `gateways(${this.count})` : this.kind;
  }
}
