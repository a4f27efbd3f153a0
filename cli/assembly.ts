import { existsSync } from 'fs';
import { join } from 'path';
import { PlatformError } from '../src/errors';
import { AssemblyResource, AssemblyStack, readManifest } from '../src/report/program/assembly';
import { ReportError } from '../src/report/program/report-error';

export type { AssemblyResource } from '../src/report/program/assembly';

/** Where a stack is deployed; what is left out is only known at deployment. */
export type Place = Pick<AssemblyStack, 'account' | 'region'>;

/** A stack that is deployed by its name, with all that are nested in it. */
export interface DeployableStack extends AssemblyStack {
  readonly nested: readonly AssemblyStack[];
}

/** The stacks of a cloud assembly, stages included: what `cdk synth` wrote. */
export function readStacks(directory: string, where: string): DeployableStack[] {
  if (!existsSync(join(directory, 'manifest.json'))) {
    throw new PlatformError(where, {
      problem: 'there is no cloud assembly.',
      got: `${directory}, ${existsSync(directory) ? 'a folder without manifest.json' : 'which does not exist'}`,
      allowed: 'the folder that cdk synth writes, such as cdk.out',
      fix: 'run npx cdk synth, or leave --app out in the folder of your cdk.json',
    });
  }
  const stacks = readAll(directory, where);
  const nestedIn = (stack: AssemblyStack) => stacks.filter(each => each !== stack && outermost(each) === stack);
  return stacks.filter(({ parent }) => parent === undefined).map(stack => ({ ...stack, nested: nestedIn(stack) }));
}

/** All resources of a stack, those of nested stacks included. */
export function allResources(stack: DeployableStack): AssemblyResource[] {
  return [stack, ...stack.nested].flatMap(({ resources }) => resources);
}

function outermost(stack: AssemblyStack): AssemblyStack {
  return stack.parent ? outermost(stack.parent) : stack;
}

function readAll(directory: string, where: string): AssemblyStack[] {
  try {
    return readManifest(directory);
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    throw new PlatformError(where, {
      problem: 'the cloud assembly cannot be read.',
      got: error.message,
      allowed: 'an assembly as cdk synth wrote it',
      fix: 'run npx cdk synth again',
    });
  }
}
