/* Writes the workflow that builds, signs and publishes the desktop app: `npx tsx desktop-workflow.ts > .github/workflows/desktop-release.yml` */
import { DesktopReleaseWorkflow } from 'cdk-web-platform';

process.stdout.write(new DesktopReleaseWorkflow({ channels: ['latest', 'beta'] }).toYaml());
