import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AlertSeverity } from '../../src/observability';
import { AlarmDefinition, createAlarm } from '../../src/observability/alarm';
import { Alert } from '../../src/observability/alert';

const PAGES = 'https://github.com/cdk-web-platform/cdk-web-platform/blob/main/docs/runbooks';

function build(definition: Partial<AlarmDefinition> = {}, metric?: (stack: Stack) => cloudwatch.IMetric) {
  const stack = new Stack(new App(), 'Stack');
  const alarm = createAlarm(stack, 'Alarm', {
    metric: metric?.(stack) ?? new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Orders', dimensionsMap: { Shop: 'berlin' } }),
    threshold: 1,
    evaluationPeriods: 5,
    meaning: 'It is broken.',
    firstStep: 'mend it.',
    ...definition,
  });
  return { stack, alarm, description: () => Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'))[0].Properties.AlarmDescription };
}

describe('the text of an alarm', () => {
  test('says what it means and what to do first', () => {
    expect(build().description()).toBe('It is broken. First: mend it.');
  });

  test('has the next steps with the names of this stack, and where to read on', () => {
    const { description } = build({ runbook: { page: 'shop-orders', then: ['Ask `shop {Shop} {Branch}`.', 'Call.'], names: { Branch: 'main' } } });
    expect(description()).toBe(`It is broken. First: mend it.\n2. Ask \`shop berlin main\`.\n3. Call.\nRunbook: ${PAGES}/shop-orders.md`);
  });

  test('takes names from the metrics of an expression, and those that are only known at deployment by reference', () => {
    const { description } = build({ runbook: { page: 'queue', then: ['Read {QueueName}.', 'Call.'] } }, stack => new cloudwatch.MathExpression({
      expression: 'FILL(m, 0)', usingMetrics: { m: new sqs.Queue(stack, 'Queue').metricNumberOfMessagesSent() },
    }));
    expect(description()['Fn::Join'][1]).toEqual([
      'It is broken. First: mend it.\n2. Read ', { 'Fn::GetAtt': ['Queue4A7E3555', 'QueueName'] }, `.\n3. Call.\nRunbook: ${PAGES}/queue.md`,
    ]);
  });

  test('leaves out steps for which CloudWatch has no room, from the end, and never the link', () => {
    const { description } = build({ runbook: { page: 'shop-orders', then: ['x'.repeat(800), 'y'.repeat(800)] } });
    expect(description()).toMatch(/x{800}\nRunbook: .*shop-orders\.md$/);
  });

  test('keeps room for long names that are only known at deployment', () => {
    const stack = new Stack(new App(), 'Names');
    const names = Object.fromEntries('ABCDEFGH'.split('').map(letter => [letter, new CfnParameter(stack, letter).valueAsString]));
    createAlarm(stack, 'Alarm', {
      metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Orders' }),
      threshold: 1,
      evaluationPeriods: 5,
      meaning: 'It is broken.',
      firstStep: 'mend it.',
      runbook: { page: 'long', then: ['{A}{B}{C}{D}{E}{F}', '{G}{H}'], names },
    });
    const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
    expect(text).toContain('"Ref":"F"');
    expect(text).not.toContain('"Ref":"G"');
  });
});

describe('severity', () => {
  test.each([[undefined, 'warning'], [AlertSeverity.CRITICAL, 'critical']])('of an alarm with %s is %s', (severity, expected) => {
    expect(Alert.of(build({ severity }).alarm).severity).toBe(expected);
  });

  test('of an alarm that a team made itself is a warning', () => {
    const stack = new Stack(new App(), 'Stack');
    const alarm = new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Orders' }).createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
    expect(Alert.of(alarm).severity).toBe(AlertSeverity.WARNING);
    Alert.of(alarm).severity = AlertSeverity.CRITICAL;
    expect(Alert.of(alarm).severity).toBe(AlertSeverity.CRITICAL);
  });
});
