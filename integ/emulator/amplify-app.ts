/*
 * What the Amplify suite deploys: examples/rpg and examples/realtechee without what Amplify Hosting itself would make, for which there is no API here.
 * What the rest of a stack refers to of it are the values below.
 */
import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { APP_IDS } from './amplify-ids';
import { RealtecheeStack } from '../../examples/realtechee/realtechee-stack';
import * as configuration from '../../examples/rpg/cdk.json';
import { RpgStack } from '../../examples/rpg/rpg-stack';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Resources = { [id: string]: { readonly Type: string; readonly Properties: { [name: string]: Json }; DependsOn?: string | string[] } };

function main(): void {
  // The CDK CLI would read the example's cdk.json, were it called in its folder.
  const app = new App({ context: configuration.context });
  const env = { region: 'eu-central-1' };
  const stacks = {
    rpg: new RpgStack(app, 'Rpg', { env, domainName: 'rpg.example.com', productionTable: 'rpg-production' }),
    realtechee: new RealtecheeStack(app, 'Realtechee', { env }),
  };
  const { directory } = app.synth();
  for (const [name, stack] of Object.entries(stacks)) withoutAmplify(stack, directory, APP_IDS[name as keyof typeof APP_IDS]);
}

function withoutAmplify(stack: Stack, directory: string, appId: string): void {
  const file = path.join(directory, stack.templateFile);
  const template: { Resources: Resources } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const removed = Object.keys(template.Resources).filter(id => template.Resources[id].Type.startsWith('AWS::Amplify::'));
  const attributes: { [name: string]: string } = {
    AppId: appId,
    Arn: `arn:aws:amplify:${stack.region}:111111111111:apps/${appId}`,
    DefaultDomain: `${appId}.amplifyapp.com`,
  };
  const { BuildSpec } = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::Amplify::App')!.Properties;
  fs.writeFileSync(path.join(directory, `${stack.stackName}.buildspec.yml`), `${BuildSpec}`);
  for (const id of removed) delete template.Resources[id];
  for (const resource of Object.values(template.Resources)) {
    const kept = [resource.DependsOn ?? []].flat().filter(id => !removed.includes(id));
    resource.DependsOn = kept.length > 0 ? kept : undefined;
  }
  fs.writeFileSync(file, JSON.stringify(replaced(template as unknown as Json, removed, attributes)));
}

/** The same with values in place of references to what is not there. */
function replaced(part: Json, removed: readonly string[], attributes: { readonly [name: string]: string }): Json {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(item => replaced(item, removed, attributes));
  const reference = part['Fn::GetAtt'];
  if (Array.isArray(reference) && removed.includes(reference[0] as string)) return attributes[reference[1] as string];
  if (typeof part.Ref === 'string' && removed.includes(part.Ref)) return attributes.Arn;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, replaced(value, removed, attributes)]));
}

main();
