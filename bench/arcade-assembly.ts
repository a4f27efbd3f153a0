import { mkdirSync, mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { ArcadeStack } from '../examples/arcade/arcade-stack';
import { context } from '../examples/arcade/cdk.json';
import { EnvironmentProfile } from 'cdk-web-platform';

/** Folder of the assembly of examples/arcade in production. */
export function arcadeAssembly(): string {
  const app = new App({ analyticsReporting: false, context: { ...context, 'aws:cdk:disable-asset-staging': true } });
  new ArcadeStack(app, 'ArcadeProduction', {
    env: { region: 'eu-central-1' },
    profile: EnvironmentProfile.production(),
    domainName: 'arcade.example.com',
    zone: { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'arcade.example.com' },
    version: 'v1',
    site: builtSite(),
  });
  return app.synth().directory;
}

/** What the files of the site are does not matter here. */
function builtSite(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'arcade-')), 'web');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>arcade</title>');
  return folder;
}
