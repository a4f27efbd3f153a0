import { IConstruct } from 'constructs';
import { validateSmokeTests } from './smoke-test-validation';
import { ReleaseStrategy } from '../../environment';
import { PlatformError } from '../../errors';
import { checkKind, checkMap } from '../../validate';
import type { WebServiceProps } from '../web-service';

/** Refuses what a release of a web service could not do. What `Migrations` refuses, it refuses itself. */
export function validateRelease(where: IConstruct, props: WebServiceProps): void {
  checkKind(where, 'release', props.release, 'startsBeside', 'a ReleaseStrategy, such as ReleaseStrategy.blueGreen()');
  const migrations = "{ command: ['alembic', 'upgrade', 'head'] }";
  checkMap(where, 'migrations', props.migrations);
  checkKind(where, 'migrations', props.migrations, 'command', migrations);
  if (props.smokeTests !== undefined) validateSmokeTests(where, 'smokeTests', props.smokeTests);
}

/** Refuses a strategy where nothing could shift traffic. */
export function refuseRelease(where: IConstruct, props: object): void {
  const { release } = props as { release?: ReleaseStrategy };
  if (release === undefined || release === null || !release.startsBeside) return;
  throw new PlatformError(where, {
    problem: 'a release that starts the new version beside the old one shifts requests, and nothing here is requested through a load balancer.',
    got: `release ${release}`,
    allowed: 'release ReleaseStrategy.rolling(), or nothing',
    fix: 'leave release out; if it answers requests, make it a WebService',
  });
}
