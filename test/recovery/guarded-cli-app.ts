import { App, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { StatefulGuard } from '../../src/recovery';

/** The app of `stateful-guard-cli.test.ts`: the key of its table comes from the environment. */
const app = new App();
new StatefulGuard(app, 'StatefulGuard');
new dynamodb.Table(new Stack(app, 'Shop'), 'Orders', { partitionKey: { name: process.env.TABLE_KEY!, type: dynamodb.AttributeType.STRING } });
new Stack(app, 'Other');
