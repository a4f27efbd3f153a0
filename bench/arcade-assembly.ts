import { mkdirSync, mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { ArcadeStack } from '../examples/arcade/arcade-stack';
import { context } from '../examples/arcade/cdk.json';
import { EnvironmentProfile } from 'cdk-web-platform';

/** The stacks of examples/arcade in production, in the order in which they are deployed. */
export function arcadeAssembly(): CloudFormationStackArtifact[] {
  const app = new App({ analyticsReporting: false, context: { ...context, 'aws:cdk:disable-asset-staging': true } });
  new ArcadeStack(app, 'ArcadeProduction', {
    env: { region: 'eu-central-1' },
    profile: EnvironmentProfile.production(),
    domainName: 'arcade.example.com',
    zone: { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'arcade.example.com' },
    version: 'v1',
    site: builtSite(),
  });
  return inOrder(app.synth().stacks);
}

/** What the files of the site are does not matter here. */
function builtSite(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'arcade-')), 'web');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>arcade</title>');
  return folder;
}

function inOrder(stacks: CloudFormationStackArtifact[]): CloudFormationStackArtifact[] {
  const waiting = ({ dependencies }: CloudFormationStackArtifact): number => dependencies
    .filter(other => other instanceof CloudFormationStackArtifact)
    .reduce((most, other) => Math.max(most, 1 + waiting(other)), 0);
  return [...stacks].sort((one, other) => waiting(one) - waiting(other));
}
