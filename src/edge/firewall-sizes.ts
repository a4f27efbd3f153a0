import { Size } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkInteger, checkKind } from '../validate';

/** A size in whole bytes. A token is refused: it could be neither compared nor converted. */
export function checkSize(where: IConstruct | string, prop: string, size: Size | undefined): void {
  if (size === undefined) return;
  checkKind(where, prop, size, 'toBytes', 'a Size, such as Size.kibibytes(8)');
  if (size.isUnresolved()) {
    throw new PlatformError(where, {
      problem: `${prop} is only known at deployment.`,
      got: `${prop} as a token`,
      allowed: 'a Size that is known at synth',
      fix: `set ${prop} to a plain value, such as Size.kibibytes(8)`,
    });
  }
  checkInteger(where, `${prop} (bytes)`, size.toBytes(), 1, Number.MAX_SAFE_INTEGER);
}
