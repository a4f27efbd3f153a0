import { readdirSync, readFileSync, statSync } from 'fs';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

export const EXAMPLES = join(__dirname, '..', '..', 'examples');

/** The template of an example's stack, with the context that its cdk.json has. */
export function templateOf(example: string, create: (app: App) => Stack): Template {
  const { context } = JSON.parse(readFileSync(join(EXAMPLES, example, 'cdk.json'), 'utf8'));
  return Template.fromStack(create(new App({ context })));
}

/** Properties of the branch of this name. */
export function branchIn(template: Template, branchName: string): Record<string, any> {
  const [branch] = Object.values(template.findResources('AWS::Amplify::Branch', { Properties: { BranchName: branchName } }));
  return branch.Properties;
}

/** Variables of a branch as the template has them. */
export function variablesIn(template: Template, branchName: string): Record<string, unknown> {
  const variables: { Name: string; Value: unknown }[] = branchIn(template, branchName).EnvironmentVariables;
  return Object.fromEntries(variables.map(({ Name, Value }) => [Name, Value]));
}

export function buildSpecIn(template: Template): string {
  const [app] = Object.values(template.findResources('AWS::Amplify::App'));
  return app.Properties.BuildSpec;
}

/** Name of the SSM parameter that a reference is resolved from. */
export function parameterOf(template: Template, reference: unknown): string | undefined {
  const { Ref } = reference as { Ref: string };
  return template.toJSON().Parameters[Ref]?.Default;
}

/** All texts that a team has in git. */
export function filesIn(example: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (directory: string) => {
    for (const name of readdirSync(directory)) {
      if (['node_modules', '.next', 'cdk.out', '.env.production'].includes(name)) continue;
      const file = join(directory, name);
      if (statSync(file).isDirectory()) visit(file);
      else found.set(file, readFileSync(file, 'utf8'));
    }
  };
  visit(join(EXAMPLES, example));
  return found;
}
