/* What watches a certificate. */
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { BELOW, IGNORE, Monitoring } from './monitoring';

const FIRST = 'First: open the certificate in ACM: a name whose renewal is pending lacks its CNAME record; then look for CAA records that leave Amazon out.';

/** Tells of a certificate that is not renewed. */
export function watchCertificate(scope: Construct, certificate: acm.ICertificate, monitoring: Monitoring): void {
  const alarm = (threshold: number, periods: number, meaning: string, critical = false) => ({
    metric: certificate.metricDaysToExpiry(),
    threshold,
    periods,
    page: 'certificate-expiry' as const,
    values: { meaning, certificate: certificate.certificateArn },
    critical,
    comparisonOperator: BELOW,
    treatMissingData: IGNORE,
  });
  monitoring.addAlarms(scope, {
    RenewalLate: alarm(45, 3, 'The certificate ends in less than 45 days and has not been renewed: ACM tries, and something keeps it from it. An imported certificate is never renewed.'),
    ExpiryNear: alarm(15, 1, 'The certificate ends in less than 15 days. Then every browser refuses the site.', true),
  });
  const what = `${events.EventField.fromPath('$.detail-type')}: ${events.EventField.fromPath('$.resources[0]')}`;
  new events.Rule(scope, 'Renewal', {
    description: 'A certificate that cannot be renewed, has expired or was revoked',
    eventPattern: {
      source: ['aws.acm'],
      detailType: ['ACM Certificate Renewal Action Required', 'ACM Certificate Expired', 'ACM Certificate Revoked'],
      resources: [certificate.certificateArn],
    },
    targets: [new targets.SnsTopic(monitoring.topic, { message: events.RuleTargetInput.fromText(`A certificate needs somebody. ${FIRST} ${what}`) })],
  });
}

/** Days to the end of a certificate. */
export function certificateGraph(certificate: acm.ICertificate, region?: string): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Certificate: days to its end',
    width: 24,
    height: 4,
    region,
    left: [certificate.metricDaysToExpiry({ region })],
    leftYAxis: { min: 0 },
    leftAnnotations: [45, 15].map(value => ({ value, label: `alarm at ${value} days`, color: cloudwatch.Color.RED })),
  });
}
