/** What a firewall stands before, and so where it lives. */
export class FirewallPlacement {
  /** Before CloudFront distributions. It lives in us-east-1, whatever the region of the stack. */
  public static cloudFront(): FirewallPlacement {
    return new FirewallPlacement('CLOUDFRONT', 16, [16, 32, 48, 64]);
  }

  /** Before load balancers in the region of the stack. */
  public static regional(): FirewallPlacement {
    return new FirewallPlacement('REGIONAL', 8, [8]);
  }

  private constructor(
    /** @internal */
    public readonly _scope: 'CLOUDFRONT' | 'REGIONAL',
    /**
     * How much of a body it inspects unless told otherwise, in KiB.
     * @internal
     */
    public readonly _inspectedKibibytes: number,
    /** @internal */
    public readonly _inspectableKibibytes: number[],
  ) {}

  /** How AWS calls it. */
  public toString(): string {
    return this._scope;
  }
}
