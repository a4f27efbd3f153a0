import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MyAppStack } from '../src/my-app-stack';

const template = Template.fromStack(new MyAppStack(new App(), 'MyApp'));

test('each environment is a branch that builds when somebody pushes', () => {
  for (const BranchName of ['main', 'staging']) template.hasResourceProperties('AWS::Amplify::Branch', { BranchName, EnableAutoBuild: true });
});

test("GitHub's token is not in the template", () => {
  template.hasResourceProperties('AWS::Amplify::App', { OauthToken: Match.absent() });
  if (/gh[pousr]_|github_pat_/.test(JSON.stringify(template.toJSON()))) throw new Error('a token of GitHub is in the template');
});
