import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { createAlarm } from './alarm';
import { AlertSeverity } from './alert-severity';
import { IWatched } from './watched';
import { EdgePlace } from '../edge/us-east-1';
import { checkDomainName } from '../edge/validate-domain';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkPort, checkText } from '../validate';

/** Properties of an `UptimeCheck`. */
export interface UptimeCheckProps {
  /** Public name that is asked, such as `www.example.com`. */
  readonly domainName: string;
  /**
   * Path that is asked, with a query if need be. Every status from 200 to 399 is well; cached answers of a CDN are too, so ask what is not cached.
   * @default '/'
   */
  readonly path?: string;
  /**
   * Port of HTTPS.
   * @default 443
   */
  readonly port?: number;
  /**
   * Text that the first 5,120 bytes of the answer must have, up to 255 characters. It costs like HTTPS itself.
   * @default - none
   */
  readonly searchText?: string;
  /**
   * How many answers in a row, of one checker each half minute, have to fail: 1 to 10.
   * @default 3
   */
  readonly failureThreshold?: number;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether an alarm is made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/**
 * Asks an address from around the world, as users do, with a Route 53 health check: it sees what no metric of a service can, such as a certificate,
 * a name or a firewall that keeps everybody out. Its metric and its alarm are in us-east-1 only, in a stack beside where this one is elsewhere.
 *
 * It costs 2.75 USD a month for an address outside of AWS and 1.50 for one of AWS, 2 or 1 more with `searchText`.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
export class UptimeCheck extends Construct implements IWatched {
  /** The health check. */
  public readonly healthCheck: route53.CfnHealthCheck;
  /** Alarm for an address that does not answer, in us-east-1; empty where alarms are off. */
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, private readonly props: UptimeCheckProps) {
    super(scope, id);
    validateUptimeCheck(this, props);
    this.healthCheck = this.createHealthCheck();
    const profile = props.profile ?? EnvironmentProfile.production();
    this.alarms = props.alarms ?? profile.alarms ? [this.createAlarm()] : [];
  }

  /** Whether the address answers, and how many of the checkers say so. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    const metric = (metricName: string, statistic: string, label: string) =>
      healthMetric(this.healthCheck.attrHealthCheckId, metricName, statistic).with({ region: EDGE_REGION, label });
    return [
      new cloudwatch.GraphWidget({
        title: `${this.props.domainName} answers (1 is yes)`,
        width: 12,
        height: 4,
        region: EDGE_REGION,
        left: [metric('HealthCheckStatus', 'Minimum', 'answers')],
        leftYAxis: { min: 0, max: 1 },
      }),
      new cloudwatch.GraphWidget({
        title: 'Checkers that get an answer (%)',
        width: 12,
        height: 4,
        region: EDGE_REGION,
        left: [metric('HealthCheckPercentageHealthy', 'Average', 'checkers')],
        leftYAxis: { min: 0, max: 100 },
      }),
    ];
  }

  private createHealthCheck(): route53.CfnHealthCheck {
    const { domainName, path = '/', port = 443, searchText, failureThreshold = 3 } = this.props;
    return new route53.CfnHealthCheck(this, 'HealthCheck', {
      healthCheckConfig: {
        type: searchText === undefined ? 'HTTPS' : 'HTTPS_STR_MATCH',
        fullyQualifiedDomainName: domainName,
        port,
        resourcePath: path,
        searchString: searchText,
        requestInterval: 30,
        failureThreshold,
        enableSni: true,
      },
      // The console shows nothing else of a health check in its list.
      healthCheckTags: [{ key: 'Name', value: this.node.path }],
    });
  }

  private createAlarm(): cloudwatch.Alarm {
    const place = EdgePlace.after(this);
    const id = place.carry(this.healthCheck, 'Id', this.healthCheck.attrHealthCheckId);
    return createAlarm(place.scope, 'Unreachable', {
      metric: healthMetric(id, 'HealthCheckStatus', 'Minimum'),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      severity: AlertSeverity.CRITICAL,
      meaning: `https://${this.props.domainName} has not answered for three minutes: most users do not reach it.`,
      firstStep: 'ask it yourself from outside of your network, and read what curl says of name, certificate and status.',
      runbook: {
        page: 'uptime-unreachable',
        then: [
          'Read why checkers fail: `aws route53 get-health-check-last-failure-reason --health-check-id {HealthCheckId} --query "HealthCheckObservations[].[Region,StatusReport.Status]" --output text`.',
          'No answer at all: name and certificate (`curl -sv`, `dig`). 403: a firewall or a blocked country. 5xx: the alarms of site, load balancer and service say more.',
        ],
        escalate: 'At once: tell users where you have another way to them, then call whoever changed DNS, certificate or firewall last.',
      },
    });
  }
}

function healthMetric(healthCheckId: string, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/Route53', metricName, dimensionsMap: { HealthCheckId: healthCheckId }, statistic, period: Duration.minutes(1) });
}

function validateUptimeCheck(where: Construct, props: UptimeCheckProps): void {
  checkGiven(where, 'domainName', props?.domainName, 'a public name, such as www.example.com');
  checkDomainName(where, 'domainName', props.domainName);
  checkText(where, 'path', props.path, /^\/[^\s]{0,254}$/, 'a path that begins with /, without spaces, at most 255 characters');
  checkPort(where, 'port', props.port);
  checkText(where, 'searchText', props.searchText, /^[^]{1,255}$/, 'a text of 1 to 255 characters');
  checkInteger(where, 'failureThreshold', props.failureThreshold, 1, 10);
  checkKind(where, 'profile', props.profile, 'alarms', 'an EnvironmentProfile');
  checkBoolean(where, 'alarms', props.alarms);
  EdgePlace.check(where, `an uptime check of ${props.domainName}`);
}
