/* The L2s that `everything-by-hand.ts` writes: each makes one resource of one type. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Properties = { [name: string]: Json };

/** What an L2 is written with. */
export interface Writer {
  /** Scope and id. */
  readonly place: string;
  readonly scope: string;
  /** Name of the variable of this L2. */
  readonly l2: string;
  value(json: Json): string;
  /** The L2 that a value names, where there is one. */
  l2Of(json?: Json): string | undefined;
  /** The files of an asset. */
  asset(key: string): string | undefined;
}

export interface L2 {
  readonly modules: string[];
  readonly code: string;
  readonly then?: string;
}

/** Writes properties, but those that are not there. */
function props(lines: { readonly [name: string]: string | false | undefined }): string {
  return `{ ${Object.entries(lines).filter(([, code]) => code).map(([name, code]) => `${name}: ${code}`).join(', ')} }`;
}

/** Only what an L2 was written for: another property makes it an L1. */
function onlyHas(properties: Properties, ...names: string[]): boolean {
  return Object.keys(properties).every(name => names.includes(name));
}

type Written = (properties: Properties, writer: Writer) => L2 | undefined;

const given = (json: Json | undefined, { value }: Writer) => json === undefined ? undefined : value(json);
const seconds = (json?: Json) => json !== undefined && `Duration.seconds(${Number(json)})`;

const writeKey: Written = (properties, writer) => {
  const { KeyPolicy, EnableKeyRotation, Description } = properties;
  if (!onlyHas(properties, 'KeyPolicy', 'EnableKeyRotation', 'Description')) return undefined;
  const code = `aws_kms.Key(${writer.place}, ${props({
    policy: `aws_iam.PolicyDocument.fromJson(${writer.value(KeyPolicy)})`,
    enableKeyRotation: given(EnableKeyRotation, writer),
    description: given(Description, writer),
  })})`;
  return { modules: ['aws-kms', 'aws-iam'], code };
};

const writeRole: Written = (properties, writer) => {
  const { AssumeRolePolicyDocument, Description, ManagedPolicyArns = [] } = properties;
  const statements = (AssumeRolePolicyDocument as { readonly Statement: Properties[] }).Statement;
  const [{ Action, Principal, Condition }] = statements;
  const service = (Principal as { readonly Service?: Json }).Service;
  if (statements.length > 1 || Action !== 'sts:AssumeRole' || typeof service !== 'string') return undefined;
  if (!onlyHas(properties, 'AssumeRolePolicyDocument', 'Description', 'ManagedPolicyArns')) return undefined;
  const policies = (ManagedPolicyArns as Json[]).map((arn, index) =>
    writer.l2Of(arn) ?? `aws_iam.ManagedPolicy.fromManagedPolicyArn(${writer.scope}, '${writer.l2}${index}', ${writer.value(arn)})`);
  const code = `aws_iam.Role(${writer.place}, ${props({
    assumedBy: `new aws_iam.ServicePrincipal('${service}', ${props({ conditions: given(Condition, writer) })})`,
    description: given(Description, writer),
    managedPolicies: policies.length > 0 && `[${policies.join(', ')}]`,
  })})`;
  return { modules: ['aws-iam'], code };
};

const writeManagedPolicy: Written = (properties, writer) => {
  const { PolicyDocument, Roles = [], Description } = properties;
  const roles = (Roles as Json[]).map(role => writer.l2Of(role));
  if (roles.includes(undefined) || !onlyHas(properties, 'PolicyDocument', 'Roles', 'Description', 'Path')) return undefined;
  const code = `aws_iam.ManagedPolicy(${writer.place}, ${props({
    document: `aws_iam.PolicyDocument.fromJson(${writer.value(PolicyDocument)})`,
    roles: `[${roles.join(', ')}]`,
    description: Description !== '' && given(Description, writer),
  })})`;
  return { modules: ['aws-iam'], code };
};

const writeLogGroup: Written = (properties, writer) => {
  const { LogGroupName, RetentionInDays, KmsKeyId } = properties;
  const encryptionKey = writer.l2Of(KmsKeyId);
  if ((KmsKeyId && !encryptionKey) || !onlyHas(properties, 'LogGroupName', 'RetentionInDays', 'KmsKeyId')) return undefined;
  const code = `aws_logs.LogGroup(${writer.place}, ${props({ logGroupName: given(LogGroupName, writer), retention: given(RetentionInDays, writer), encryptionKey })})`;
  return { modules: ['aws-logs'], code };
};

const writeQueue: Written = (properties, writer) => {
  const { KmsMasterKeyId, MessageRetentionPeriod, VisibilityTimeout, RedrivePolicy } = properties;
  const key = writer.l2Of(KmsMasterKeyId);
  const { deadLetterTargetArn, maxReceiveCount } = (RedrivePolicy ?? {}) as Properties;
  const queue = writer.l2Of(deadLetterTargetArn);
  if (!key || (RedrivePolicy && !queue) || !onlyHas(properties, 'KmsMasterKeyId', 'MessageRetentionPeriod', 'VisibilityTimeout', 'RedrivePolicy')) return undefined;
  const code = `aws_sqs.Queue(${writer.place}, ${props({
    encryptionMasterKey: key,
    retentionPeriod: seconds(MessageRetentionPeriod),
    visibilityTimeout: seconds(VisibilityTimeout),
    deadLetterQueue: queue && `{ queue: ${queue}, maxReceiveCount: ${Number(maxReceiveCount)} }`,
  })})`;
  return { modules: ['aws-sqs'], code };
};

const writeTopic: Written = (properties, writer) => {
  const masterKey = writer.l2Of(properties.KmsMasterKeyId);
  if (!masterKey || !onlyHas(properties, 'KmsMasterKeyId')) return undefined;
  return { modules: ['aws-sns'], code: `aws_sns.Topic(${writer.place}, { masterKey: ${masterKey} })` };
};

const writeFunction: Written = (properties, writer) => {
  const { Code, Role, Handler, Runtime, Architectures = [], Environment, Description, MemorySize, Timeout } = properties;
  const { KmsKeyArn, LoggingConfig, DeadLetterConfig } = properties;
  const known = [
    'Code', 'Role', 'Handler', 'Runtime', 'Architectures', 'Environment', 'Description', 'MemorySize', 'Timeout',
    'KmsKeyArn', 'LoggingConfig', 'DeadLetterConfig',
  ];
  const { S3Key } = Code as Properties;
  const [role, logGroup] = [writer.l2Of(Role), writer.l2Of((LoggingConfig as Properties)?.LogGroup)];
  const path = typeof S3Key === 'string' && writer.asset(S3Key);
  const { Variables } = (Environment ?? {}) as Properties;
  if (!role || !path || !logGroup || !onlyHas(properties, ...known)) return undefined;
  const code = `aws_lambda.Function(${writer.place}, ${props({
    code: `aws_lambda.Code.fromAsset(${JSON.stringify(path)})`,
    role: `${role}.withoutPolicyUpdates()`,
    logGroup,
    handler: given(Handler, writer),
    runtime: `new aws_lambda.Runtime(${given(Runtime, writer)}, aws_lambda.RuntimeFamily.NODEJS)`,
    architecture: JSON.stringify(Architectures) === '["arm64"]' && 'aws_lambda.Architecture.ARM_64',
    environment: given(Variables, writer),
    environmentEncryption: writer.l2Of(KmsKeyArn),
    deadLetterQueue: writer.l2Of((DeadLetterConfig as Properties)?.TargetArn),
    description: given(Description, writer),
    memorySize: given(MemorySize, writer),
    timeout: seconds(Timeout),
  })})`;
  return { modules: ['aws-lambda'], code };
};

/** A metric, or an expression of metrics. */
function writeMetric(properties: Properties, writer: Writer): string | undefined {
  const { Metrics, Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = properties;
  if (!Metrics) return metric({ Namespace, MetricName, Dimensions }, Period, ExtendedStatistic ?? Statistic, writer);
  const all = Metrics as Properties[];
  const expression = all.find(({ Expression }) => Expression);
  const others = all.filter(each => each !== expression);
  if (!expression || others.some(({ MetricStat }) => !MetricStat)) return undefined;
  const usingMetrics = Object.fromEntries(others.map(({ Id, MetricStat, Label }) => {
    const { Metric, Period: period, Stat } = MetricStat as Properties;
    return [Id as string, metric(Metric as Properties, period, Stat, writer, Label)];
  }));
  const periods = others.map(({ MetricStat }) => (MetricStat as Properties).Period);
  const period = seconds(expression.Period ?? periods[0]);
  return `new aws_cloudwatch.MathExpression(${props({
    expression: given(expression.Expression, writer), label: given(expression.Label, writer), period, usingMetrics: props(usingMetrics),
  })})`;
}

function metric(
  { Namespace, MetricName, Dimensions = [] }: { [name: string]: Json | undefined },
  period: Json | undefined, statistic: Json | undefined, writer: Writer, label?: Json,
): string {
  const dimensions = Object.fromEntries((Dimensions as Properties[]).map(({ Name, Value }) => [JSON.stringify(Name), writer.value(Value)]));
  return `new aws_cloudwatch.Metric(${props({
    namespace: given(Namespace, writer),
    metricName: given(MetricName, writer),
    dimensionsMap: props(dimensions),
    period: seconds(period),
    statistic: given(statistic, writer),
    label: given(label, writer),
  })})`;
}

const writeAlarm: Written = (properties, writer) => {
  const { AlarmDescription, ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = properties;
  const { AlarmActions = [], OKActions = [] } = properties;
  const metricOf = writeMetric(properties, writer);
  if (!metricOf || Threshold === undefined) return undefined;
  const action = (arn: Json) => {
    const topic = writer.l2Of(arn);
    return topic ? `new aws_cloudwatch_actions.SnsAction(${topic})` : `{ bind: () => ({ alarmActionArn: ${writer.value(arn)} }) }`;
  };
  const code = `aws_cloudwatch.Alarm(${writer.place}, ${props({
    metric: metricOf,
    alarmDescription: given(AlarmDescription, writer),
    comparisonOperator: given(ComparisonOperator, writer),
    threshold: given(Threshold, writer),
    evaluationPeriods: given(EvaluationPeriods, writer),
    datapointsToAlarm: given(DatapointsToAlarm, writer),
    treatMissingData: given(TreatMissingData, writer),
  })})`;
  const actions = [
    ...(AlarmActions as Json[]).map(arn => `${writer.l2}.addAlarmAction(${action(arn)});`), ...(OKActions as Json[]).map(arn => `${writer.l2}.addOkAction(${action(arn)});`),
  ];
  return { modules: ['aws-cloudwatch', 'aws-cloudwatch-actions'], code, then: actions.join(' ') };
};

/** How an L2 is written that makes one resource of that type; undefined where it cannot say the same. */
export const L2S: { readonly [type: string]: Written | undefined } = process.env.BENCH_ONLY_L1 ? {} : {
  'AWS::KMS::Key': writeKey,
  'AWS::IAM::Role': writeRole,
  'AWS::IAM::ManagedPolicy': writeManagedPolicy,
  'AWS::Logs::LogGroup': writeLogGroup,
  'AWS::SQS::Queue': writeQueue,
  'AWS::SNS::Topic': writeTopic,
  'AWS::Lambda::Function': writeFunction,
  'AWS::CloudWatch::Alarm': writeAlarm,
};
