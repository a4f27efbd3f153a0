import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as route53 from 'aws-cdk-lib/aws-route53';

/** A domain of one's own for the sign-in pages. */
export interface CustomSignInDomainOptions {
  /**
   * Name in lower case, such as `auth.example.com`; not the zone's own name.
   *
   * Cognito refuses it unless its parent (`example.com`) has an A record in public DNS, whatever its value. Where the same stack makes that record,
   * let the domain wait for it: `directory.domain!.node.addDependency(record)`.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
   */
  readonly domainName: string;
  /** Certificate for the name, in us-east-1 whatever the region of the pool, such as the `certificate` of a `SiteCertificate`. */
  readonly certificate: acm.ICertificate;
  /**
   * Zone in which the alias record of the name is made.
   * @default - no record: point the name at `directory.domain!.cloudFrontEndpoint`
   */
  readonly hostedZone?: route53.IHostedZone;
}

/** Where the sign-in pages are. */
export class SignInDomain {
  /**
   * A domain of one's own. It takes Cognito up to an hour to be reachable everywhere. Not in GovCloud.
   *
   * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
   * @see https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html
   */
  public static custom(options: CustomSignInDomainOptions): SignInDomain {
    return new SignInDomain(options, undefined);
  }

  /**
   * A name below `amazoncognito.com`, which costs nothing and needs neither zone nor certificate.
   *
   * @param prefix first label of the name, unique in the region: lower-case letters, digits and hyphens, 1 to 63, without `aws`, `amazon` or `cognito`
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
   */
  public static prefix(prefix: string): SignInDomain {
    return new SignInDomain(undefined, prefix);
  }

  private constructor(
    /** @internal */
    public readonly _custom: CustomSignInDomainOptions | undefined,
    /** @internal */
    public readonly _prefix: string | undefined,
  ) {}

  /**
   * Host of the sign-in pages, as plain text wherever that is known.
   * @internal
   */
  public _host(region: string): string {
    if (this._custom) return this._custom.domainName;
    return `${this._prefix}.${region.startsWith('us-gov-') ? 'auth-fips' : 'auth'}.${region}.amazoncognito.com`;
  }
}
