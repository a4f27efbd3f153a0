/* What the compliance suite deploys: an account's services, the rules beside them, and, as another team's app, a second recorder. */
import { App, Stack } from 'aws-cdk-lib';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AccountSecurity, AccountService, ConfigRules, EncryptionKey, Monitoring } from 'cdk-web-platform';

const { NEW } = AccountService;
const app = new App();
const env = { account: '111111111111', region: 'eu-central-1' };

if (app.node.tryGetContext('team') === 'other') {
  new AccountSecurity(new Stack(app, 'OtherAccount', { env }), 'Account', { configRecorder: NEW });
} else {
  const stack = new Stack(app, 'Account', { env });
  const encryptionKey = new EncryptionKey(stack, 'Key').key;
  const account = new AccountSecurity(stack, 'Account', {
    configRecorder: NEW,
    configServiceLinkedRole: true,
    cloudTrail: NEW,
    guardDuty: NEW,
    securityHub: NEW,
    imageScanning: NEW,
    accessAnalyzer: NEW,
    encryptionKey,
  });
  const { topic } = new Monitoring(stack, 'Monitoring', { watched: [account] });
  topic.addSubscription(new subscriptions.SqsSubscription(new sqs.Queue(stack, 'Told', { queueName: 'told' }), { rawMessageDelivery: true }));

  const rules = new Stack(app, 'Rules', { env });
  const excludedRules = app.node.tryGetContext('excluded') ? [app.node.tryGetContext('excluded')] : [];
  new Monitoring(rules, 'Monitoring', { topic, watched: [new ConfigRules(rules, 'Rules', { accountSecurity: account, excludedRules })] });

  const pack = new Stack(app, 'Pack', { env });
  new ConfigRules(pack, 'Rules', { accountSecurity: account, conformancePack: true, scopeTag: { key: 'Environment', value: 'production' } });
}

app.synth();
