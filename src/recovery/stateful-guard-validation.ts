import { Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { StatefulGuardProps } from './stateful-guard';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKnown, checkList, checkText, display } from '../validate';

const TYPE = /^[A-Za-z0-9]+::[A-Za-z0-9:@_-]+$/;

/** Refuses a guard of something that has no stacks, and types that are none. */
export function validateStatefulGuard(where: IConstruct, scope: IConstruct, { lockFile, ci, additionalTypes }: StatefulGuardProps): void {
  if (!Stage.isStage(scope) && !Stack.isStack(scope)) {
    throw new PlatformError(where, {
      problem: 'a guard is for whole stacks.',
      got: `scope ${display(scope.node.path)}`,
      allowed: 'an App, a Stage or a Stack',
      fix: 'write new StatefulGuard(app, \'StatefulGuard\')',
    });
  }
  checkKnown(where, 'lockFile', lockFile);
  checkText(where, 'lockFile', lockFile, /^[^\0]*[^\0/\\]\.json$/, 'a path that ends in .json');
  checkBoolean(where, 'ci', ci);
  checkKnown(where, 'ci', ci);
  checkList(where, 'additionalTypes', additionalTypes);
  for (const [index, type] of (additionalTypes ?? []).entries()) {
    checkGiven(where, `additionalTypes[${index}]`, type, 'a type of CloudFormation, such as AWS::SQS::Queue');
    checkKnown(where, `additionalTypes[${index}]`, type);
    checkText(where, `additionalTypes[${index}]`, type, TYPE, 'a type of CloudFormation, such as AWS::SQS::Queue');
  }
}

/** Refuses a lock file that another guard of the app writes: each would take the other's entries for lost. */
export function checkOwnLockFile(where: IConstruct, lockFile: string, others: readonly { readonly path: string; readonly lockFile: string }[]): void {
  const same = others.find(other => other.lockFile === lockFile);
  if (!same) return;
  throw new PlatformError(where, {
    problem: 'two guards have one lock file.',
    got: `lockFile ${lockFile} here and at ${same.path}`,
    allowed: 'a lock file for each guard',
    fix: 'give lockFile a name of its own, such as production.lock.json',
  });
}

/** Refuses a lock file in the output of the synth, which no repository keeps. */
export function checkOutsideAssembly(where: IConstruct, lockFile: string, outdir: string): void {
  if (!lockFile.startsWith(`${outdir}/`) && !lockFile.startsWith(`${outdir}\\`)) return;
  throw new PlatformError(where, {
    problem: 'the lock file is in the output of the synth, which is thrown away.',
    got: `lockFile ${lockFile}`,
    allowed: 'a file of the repository',
    fix: 'put it beside cdk.json',
  });
}
