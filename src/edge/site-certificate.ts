import { Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { acrossStacks, rootStack } from './across-stacks';
import { CertificateWatch, certificateWidget } from './certificate-watch';
import { reachableZone } from './reachable-zone';
import { EdgePlace } from './us-east-1';
import { validateSiteCertificate } from './validate-site-certificate';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { IWatched, WatchedEvents } from '../observability';

/** Properties of a `SiteCertificate`. */
export interface SiteCertificateProps {
  /** First name on the certificate, such as `example.com`, of at most 64 characters. */
  readonly domainName: string;
  /**
   * Further names on it, such as `www.example.com`.
   * @default - none
   */
  readonly subjectAlternativeNames?: string[];
  /**
   * Public zone of all names, through which ACM validates the certificate now and at each renewal. Outside of us-east-1 the certificate is made before
   * this stack, so that the zone has to be imported, or made in another stack.
   * @default - `certificate` has to be given
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * Certificate that exists already, in us-east-1 and for these names. It is only watched.
   * @default - one is made and validated through `hostedZone`
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Algorithm of its key: RSA_2048 or EC_PRIME256V1, which is quicker. Those are what ACM issues and CloudFront takes.
   * @default - acm.KeyAlgorithm.RSA_2048, which every browser takes
   */
  readonly keyAlgorithm?: acm.KeyAlgorithm;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether alarms are made, 45 and 15 days before it ends.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/**
 * A certificate for CloudFront, in us-east-1 whatever the region of the stack: elsewhere it is made in a stack beside this one, `<stack>-edge`, and what
 * watches it in another, `<stack>-edge-alarms`. `cdk deploy --all` deploys the three in order; `cdk deploy <stack>` leaves out what watches.
 */
export class SiteCertificate extends Construct implements IWatched {
  /** The certificate, as a distribution in this stack takes it. */
  public readonly certificate: acm.ICertificate;
  /** Alarms of the certificate, in us-east-1. */
  public readonly alarms: cloudwatch.Alarm[];
  /** Events of a renewal that needs somebody, in us-east-1; undefined where alarms are off. */
  public readonly events?: WatchedEvents[];

  /** Where it lives. */
  private readonly origin: acm.ICertificate;

  constructor(scope: Construct, id: string, private readonly props: SiteCertificateProps) {
    super(scope, id);
    validateSiteCertificate(this, props);
    const { alarms } = props.profile ?? EnvironmentProfile.production();

    this.origin = props.certificate ?? this.createCertificate();
    this.certificate = props.certificate ?? this.bring(this.origin);
    const watch = props.alarms ?? alarms ? this.createWatch() : undefined;
    this.alarms = watch?.alarms ?? [];
    this.events = watch?.events;
  }

  /** Days to the certificate's end. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [certificateWidget(this.certificate.certificateArn, EDGE_REGION)];
  }

  private createCertificate(): acm.ICertificate {
    const { domainName, subjectAlternativeNames, hostedZone, keyAlgorithm } = this.props;
    const { scope } = EdgePlace.before(this);
    return new acm.Certificate(scope, 'Certificate', {
      domainName,
      subjectAlternativeNames,
      keyAlgorithm,
      validation: acm.CertificateValidation.fromDns(reachableZone(scope, hostedZone!)),
    });
  }

  private bring(certificate: acm.ICertificate): acm.ICertificate {
    if (rootStack(certificate) === rootStack(this)) return certificate;
    Stack.of(this).addMetadata(`Certificate ${this.node.path}`, this.edition());
    return acm.Certificate.fromCertificateArn(this, 'Certificate', acrossStacks(certificate, 'Arn', certificate.certificateArn, this));
  }

  /** After this stack, together with everything else that watches its site. */
  private createWatch(): CertificateWatch {
    const { scope } = EdgePlace.after(this);
    return new CertificateWatch(scope, 'Watch', {
      certificateArn: acrossStacks(this.origin, 'Arn', this.origin.certificateArn, scope),
      edition: this.props.certificate || rootStack(scope) === rootStack(this.origin) ? undefined : this.edition(),
    });
  }

  /**
   * Changes where ACM makes another certificate. Templates of the stacks that use it have to change with it: they name an output of the certificate's
   * stack, which is called the same afterwards, and `cdk deploy` leaves out a stack whose template is the one that is deployed.
   */
  private edition(): string {
    const { domainName, subjectAlternativeNames = [], keyAlgorithm = acm.KeyAlgorithm.RSA_2048 } = this.props;
    return [domainName, ...subjectAlternativeNames, keyAlgorithm.name].filter(part => !Token.isUnresolved(part)).join(' ');
  }
}
