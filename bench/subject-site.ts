import { App, Stack } from 'aws-cdk-lib';
import { SiteKind, StaticCdnSite } from 'cdk-web-platform';

/** The pattern with its production profile, as far as its peer goes: what is compared with `subject-solutions-site.ts`. */
export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id);
  new StaticCdnSite(stack, 'Site', { kind: SiteKind.singlePageApp() });
  return stack;
}
