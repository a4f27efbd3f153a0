/* What `subject-amplify.ts` makes, by CloudFormation's own resources where Amplify is concerned: one app, three branches, and what watches and remembers them. */
import { App, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as amplify from 'aws-cdk-lib/aws-amplify';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { createFailedEvents, Handler } from './hand-written/foundation';

const BUILD_SPEC = `version: 1
backend:
  phases:
    build:
      commands:
        - npm ci
        - case "$AWS_BRANCH" in staging) npx ampx generate outputs --branch main --app-id $AWS_APP_ID ;; *) npx ampx pipeline-deploy --branch $AWS_BRANCH --app-id $AWS_APP_ID ;; esac
frontend:
  phases: { build: { commands: [npm run build] } }
  artifacts: { baseDirectory: .next, files: ['**/*'] }
`;

export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id);
  const key = new kms.Key(stack, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  const serviceRole = new iam.Role(stack, 'ServiceRole', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
  serviceRole.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmplifyBackendDeployFullAccess'));
  const web = new amplify.CfnApp(stack, 'App', { name: id, platform: 'WEB_COMPUTE', iamServiceRole: serviceRole.roleArn, buildSpec: BUILD_SPEC });
  new logs.LogGroup(stack, 'Log', { logGroupName: `/aws/amplify/${web.attrAppId}`, retention: logs.RetentionDays.ONE_MONTH, encryptionKey: key });
  new iam.ManagedPolicy(stack, 'WriteLogs', {
    roles: [serviceRole],
    statements: [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`arn:aws:logs:*:${stack.account}:log-group:/aws/amplify/*`] })],
  });
  const { function: operator } = new Handler(stack, 'Operator', {
    bundle: 'amplify/amplify-operator.lambda',
    platform: { key, failedEvents: createFailedEvents(stack, key) },
    statements: [new iam.PolicyStatement({ actions: ['amplify:StartJob'], resources: [`${web.attrArn}/branches/*`] })],
    timeout: Duration.minutes(8),
  });
  for (const [branchName, source] of [['main', 'main'], ['staging', 'main'], ['production', 'production']]) {
    const role = new iam.Role(stack, `Role-${branchName}`, { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
    const variables = {
      AMPLIFY_APP_ID: web.attrAppId,
      GRAPHQL_URL: ssm.StringParameter.valueForStringParameter(stack, `/shop/${source}/GRAPHQL_URL`),
      BUCKET: `shop-${source}`,
    };
    const branch = new amplify.CfnBranch(stack, `Branch-${branchName}`, {
      appId: web.attrAppId,
      branchName,
      computeRoleArn: role.roleArn,
      framework: 'Next.js - SSR',
      environmentVariables: Object.entries(variables).map(([name, value]) => ({ name, value })),
    });
    const remembered = new CustomResource(stack, `Variables-${branchName}`, { serviceToken: operator.functionArn, properties: { BranchName: branchName, Variables: variables } });
    remembered.node.addDependency(branch);
  }
  watch(stack, web, key);
  return stack;
}

function watch(stack: Stack, web: amplify.CfnApp, masterKey: kms.IKey): void {
  const topic = new sns.Topic(stack, 'Topic', { masterKey, enforceSSL: true });
  const metric = (metricName: string, statistic = 'Sum') => new cloudwatch.Metric({ namespace: 'AWS/AmplifyHosting', metricName, dimensionsMap: { App: web.attrAppId }, statistic });
  const share = (errors: string) => new cloudwatch.MathExpression({ expression: '100 * errors / requests', usingMetrics: { errors: metric(errors), requests: metric('Requests') } });
  const watched = { ServerErrors: share('5xxErrors'), ClientErrors: share('4xxErrors'), Latency: metric('Latency', 'p95') };
  for (const [name, found] of Object.entries(watched)) {
    const alarm = new cloudwatch.Alarm(stack, name, { metric: found, threshold: 1, evaluationPeriods: 3 });
    alarm.addAlarmAction(new actions.SnsAction(topic));
    alarm.addOkAction(new actions.SnsAction(topic));
  }
  const rule = new events.Rule(stack, 'Builds', {
    eventPattern: { source: ['aws.amplify'], detailType: ['Amplify Deployment Status Change'], detail: { appId: [web.attrAppId], jobStatus: ['FAILED'] } },
  });
  rule.addTarget(new targets.SnsTopic(topic));
  new cloudwatch.Dashboard(stack, 'Dashboard', { widgets: [[new cloudwatch.GraphWidget({ title: 'Requests', left: [metric('Requests')] })]] });
}
