import type { Bill } from './bill';
import type { PricingRules } from './pricing-rules';
import type { TemplateResource } from './template-resource';
import { MONTH_HOURS } from '../default-usage';

const FREE_ALARM_METRICS = 10;
const FREE_METRICS = 10;
const FREE_LOGS_GB = 5;
/** How many months a group that never deletes is counted for. */
const ENDLESS_MONTHS = 12;
const WEEK_HOURS = 7 * 24;
/*
 * What ECS sends of a cluster, of each of its services, and of each of their task definitions: custom metrics, unless observability is enhanced.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
 */
const CLUSTER_METRICS = 8;
const SERVICE_METRICS = 11 + 6;

/** What watches, writes and tells. */
export const WATCHING_PRICES: PricingRules = {
  'AWS::CloudWatch::Alarm': (alarm, bill) => {
    const metrics: { Expression?: string; MetricStat?: { Stat?: string; Period?: number } }[] = alarm.list('Metrics');
    const expressions = metrics.map(({ Expression: expression }) => expression ?? '');
    if (expressions.some(each => each.startsWith('ANOMALY_DETECTION_BAND'))) {
      return bill.charge(alarm, { price: 'alarm-anomaly', what: 'alarm on an anomaly', quantity: 1 });
    }
    const queries = expressions.filter(each => /^\s*SELECT\b/i.test(each)).length;
    const quantity = Math.max(1, metrics.filter(({ MetricStat: statistic }) => statistic).length + queries);
    const periods = [alarm.number('Period', 60), ...metrics.flatMap(({ MetricStat: statistic }) => statistic?.Period ?? [])];
    if (periods.some(period => period < 60)) return bill.charge(alarm, { price: 'alarm-high-resolution', what: 'alarm within a minute', quantity });
    bill.charge(alarm, {
      price: 'alarm',
      what: quantity === 1 ? 'alarm' : `alarm on ${quantity} metrics`,
      quantity,
      free: FREE_ALARM_METRICS,
      unsure: queries > 0 ? 'a query costs by the metrics that it finds' : undefined,
    });
  },

  'AWS::CloudWatch::CompositeAlarm': (alarm, bill) => bill.charge(alarm, { price: 'alarm-composite', what: 'composite alarm', quantity: 1 }),

  'AWS::CloudWatch::Dashboard': (dashboard, bill) => bill.charge(dashboard, { price: 'dashboard', what: 'dashboard', quantity: 1, free: 3 }),

  'AWS::Logs::LogGroup': (group, bill) => {
    const groups = bill.ofType('AWS::Logs::LogGroup');
    const written = bill.share(bill.usage.logsGB, groups);
    const months = group.properties.RetentionInDays === undefined ? ENDLESS_MONTHS : group.number('RetentionInDays', 30) / 30;
    const isInfrequent = group.properties.LogGroupClass === 'INFREQUENT_ACCESS';
    bill.charge(group, { price: isInfrequent ? 'logs-infrequent' : 'logs', what: 'logs written', quantity: written, free: FREE_LOGS_GB, use: true });
    bill.charge(group, { price: 'logs-storage', what: 'logs kept', quantity: written * months, use: true });
  },

  'AWS::Logs::MetricFilter': (filter, bill) => {
    const quantity = Math.max(1, filter.list('MetricTransformations').length);
    bill.charge(filter, { price: 'metric', what: 'metric from logs', quantity, free: FREE_METRICS });
  },

  'AWS::ECS::Cluster': (cluster, bill) => {
    const { Value: value } = cluster.list('ClusterSettings').find(({ Name: name }) => name === 'containerInsights') ?? {};
    if (value === undefined || value === 'disabled') return bill.free(cluster);
    const services = bill.ofType('AWS::ECS::Service').filter(service => service.refersTo(cluster)).length;
    const quantity = CLUSTER_METRICS + services * SERVICE_METRICS;
    const unsure = 'AWS may send more or fewer metrics';
    if (value === 'enhanced') {
      return bill.charge(cluster, {
        price: 'metric-container-insights', what: 'Container Insights with enhanced observability', quantity, unsure: `${unsure}, and some of each task and container`,
      });
    }
    bill.charge(cluster, { price: 'metric', what: 'Container Insights', quantity, free: FREE_METRICS, unsure });
  },

  'AWS::Synthetics::Canary': (canary, bill) => {
    const [, many, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(canary.text('Schedule.Expression', 'rate(5 minutes)')) ?? [];
    if (many === undefined) return bill.unpriced(canary, `its schedule is ${JSON.stringify(canary.properties.Schedule?.Expression)}`);
    const quantity = Number(many) === 0 ? 0 : MONTH_HOURS * (unit === 'hour' ? 1 : 60) / Number(many);
    bill.charge(canary, { price: 'canary-run', what: 'runs, beside their function, logs and files', quantity, free: 100 });
  },

  'AWS::SNS::Topic': (topic, bill) => {
    const quantity = bill.share(bill.usage.messages, bill.ofType('AWS::SNS::Topic')) / 1e6;
    bill.charge(topic, { price: 'topic-requests', what: 'messages', quantity, free: 1, use: true });
  },

  'AWS::SQS::Queue': (queue, bill) => {
    const quantity = 3 * bill.share(bill.usage.messages, bill.ofType('AWS::SQS::Queue')) / 1e6;
    const price = queue.isTrue('FifoQueue') ? 'queue-requests-fifo' : 'queue-requests';
    bill.charge(queue, { price, what: 'requests', quantity, free: 1, use: true });
  },

  'AWS::CloudTrail::Trail': (trail, bill) => {
    const selectors = [...trail.list('EventSelectors'), ...trail.list('AdvancedEventSelectors')];
    const hasData = selectors.some(selector => selector.DataResources?.length > 0 || JSON.stringify(selector.FieldSelectors ?? '').includes('"Data"'));
    if (!hasData) return bill.free(trail);
    const quantity = bill.share(bill.usage.dataEvents, bill.ofType('AWS::CloudTrail::Trail')) / 100_000;
    bill.charge(trail, { price: 'trail-data-events', what: 'data events', quantity, use: true });
  },
};

/** What keeps secrets, lets people in, and protects. */
export const PROTECTION_PRICES: PricingRules = {
  'AWS::KMS::Key': (key, bill) => chargeKey(key, bill),
  'AWS::KMS::ReplicaKey': (key, bill) => chargeKey(key, bill),

  'AWS::SecretsManager::Secret': (secret, bill) => {
    const quantity = 1 + secret.list('ReplicaRegions').length;
    bill.charge(secret, { price: 'secret', what: quantity === 1 ? 'secret' : `secret in ${quantity} regions`, quantity });
  },

  'AWS::Cognito::UserPool': (pool, bill) => {
    const plan = pool.text('UserPoolTier', 'ESSENTIALS').toLowerCase();
    const quantity = bill.share(bill.usage.users, bill.ofType('AWS::Cognito::UserPool'));
    bill.charge(pool, { price: `users-${plan}`, what: `active users, ${plan}`, quantity, free: plan === 'plus' ? 0 : 10_000, use: true });
  },

  'AWS::Backup::BackupPlan': (plan, bill) => {
    const plans = bill.ofType('AWS::Backup::BackupPlan');
    const gigabytes = bill.share(bill.usage.backupGB, plans);
    const rules: { CopyActions?: unknown[] }[] = plan.list('BackupPlan.BackupPlanRule');
    const copies = new Set(rules.flatMap(({ CopyActions: actions = [] }) => actions.map(action => JSON.stringify(action)))).size;
    bill.charge(plan, { price: 'backup-storage', what: 'backups', quantity: gigabytes, use: true });
    if (copies === 0) return;
    bill.charge(plan, { price: 'backup-storage', what: 'copies of backups', quantity: copies * gigabytes, use: true });
    bill.charge(plan, { price: 'backup-copy', what: 'transfer of copies', quantity: copies * gigabytes, use: true });
  },

  'AWS::Backup::RestoreTestingSelection': (selection, bill) => {
    const { restoreTests } = bill.usage;
    const quantity = restoreTests === undefined ? MONTH_HOURS / WEEK_HOURS : bill.share(restoreTests, bill.ofType('AWS::Backup::RestoreTestingSelection'));
    bill.charge(selection, { price: 'backup-restore-test', what: 'restore tests, beside what they restore', quantity, use: true });
  },

  'AWS::Config::ConfigurationRecorder': (recorder, bill) => {
    const isDaily = recorder.properties.RecordingMode?.RecordingFrequency === 'DAILY';
    const quantity = bill.share(bill.usage.configurationChanges, bill.ofType('AWS::Config::ConfigurationRecorder'));
    bill.charge(recorder, { price: isDaily ? 'config-item-daily' : 'config-item', what: 'changes recorded', quantity, use: true });
  },

  'AWS::Config::ConfigRule': (rule, bill) => chargeEvaluations(rule, bill),
  'AWS::Config::ConformancePack': (pack, bill) => chargeEvaluations(pack, bill),

  'AWS::GuardDuty::Detector': (detector, bill) => {
    const detectors = bill.ofType('AWS::GuardDuty::Detector');
    bill.charge(detector, { price: 'threat-events', what: 'management events', quantity: bill.share(bill.usage.managementEvents, detectors) / 1e6, use: true });
    bill.charge(detector, { price: 'threat-logs', what: 'flow and DNS logs', quantity: bill.share(bill.usage.logsGB, detectors), use: true });
    if (detector.list('Features').some(({ Status: status }) => status === 'ENABLED')) bill.unpriced(detector, 'the table has no price of its further protection plans');
  },

  'AWS::AccessAnalyzer::Analyzer': (analyzer, bill) => {
    if (['ACCOUNT', 'ORGANIZATION'].includes(analyzer.properties.Type)) bill.free(analyzer);
    else bill.unpriced(analyzer, `the table has no price of ${analyzer.properties.Type}`);
  },

  'AWS::ECR::RegistryScanningConfiguration': (scanning, bill) => {
    if (scanning.properties.ScanType !== 'ENHANCED') bill.free(scanning);
    else bill.unpriced(scanning, 'the table has no price of Inspector, which scans the images');
  },

  'AWS::GuardDuty::MalwareProtectionPlan': (plan, bill) => bill.unpriced(plan, 'the table has no price of scanning objects for malware'),

  'AWS::SecurityHub::Hub': (hub, bill) => bill.unpriced(hub, 'sources differ on what Security Hub counts'),

  'AWS::SSM::Parameter': (parameter, bill) => {
    if (parameter.properties.Tier === 'Advanced') bill.unpriced(parameter, 'the table has no price of advanced parameters');
    else bill.free(parameter);
  },
};

function chargeKey(key: TemplateResource, bill: Bill): void {
  const keys = bill.ofType('AWS::KMS::Key', 'AWS::KMS::ReplicaKey');
  bill.charge(key, { price: 'key', what: 'key, before its rotations', quantity: 1 });
  bill.charge(key, { price: 'key-requests', what: 'requests', quantity: bill.share(bill.usage.keyRequests, keys) / 10_000, free: 2, use: true });
}

function chargeEvaluations(rule: TemplateResource, bill: Bill): void {
  const quantity = bill.share(bill.usage.ruleEvaluations, bill.ofType('AWS::Config::ConfigRule', 'AWS::Config::ConformancePack'));
  bill.charge(rule, { price: 'config-evaluation', what: 'evaluations', quantity, use: true });
}
