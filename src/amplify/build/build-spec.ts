import { IConstruct } from 'constructs';
import { AmplifyPlatform } from '../amplify-framework';
import { backendScript, checkScript } from './check';
import { environment, givenBack } from './environment';
import { BuildPlan } from './plan';
import { allPlanned, indent, script, usersCommand } from './script';
import { smokeTestScript } from './smoke-script';
import { PlatformError } from '../../errors';
import { toYaml, YamlValue } from '../../yaml';

/**
 * What Amplify does for a build of any branch, as YAML: check, install, backend, build, smoke test.
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/yml-specification-syntax.html
 */
export function buildSpec(plan: BuildPlan): string {
  const backend = backendPhases(plan);
  const { framework, appRoot } = plan;
  const application = {
    backend,
    frontend: {
      phases: frontendPhases(plan, backend !== undefined),
      artifacts: { baseDirectory: framework.artifactsDirectory, files: framework.artifactFiles },
      cache: framework.cachePaths.length > 0 ? { paths: framework.cachePaths } : undefined,
    },
  };
  return toYaml(appRoot === undefined ? { version: 1, ...application } : { version: 1, applications: [{ appRoot, ...application }] });
}

function backendPhases(plan: BuildPlan): YamlValue | undefined {
  if (allPlanned(plan).every(({ backend }) => !backend.deploys && backend.sharedBranch === undefined)) return undefined;
  return {
    phases: {
      preBuild: { commands: [checkScript(plan), plan.framework.installCommand] },
      build: { commands: [backendScript(plan)] },
    },
  };
}

function frontendPhases(plan: BuildPlan, afterBackend: boolean): YamlValue {
  const { framework: { installCommand, buildCommand }, preBuildCommands = [], postBuildCommands = [], smokeTest } = plan;
  const install = afterBackend ? [unlessInstalled(installCommand)] : [checkScript(plan), installCommand];
  const own = preBuildCommands.length + postBuildCommands.length > 0;
  const names = own ? givenBack(plan) : '';
  const needs = environment(plan, true).filter(part => part !== '');
  const build = needs.length > 0 ? script(...needs, usersCommand(buildCommand)) : buildCommand;
  const after = [...postBuildCommands, ...smokeTest ? [smokeTestScript(plan, smokeTest)] : []];
  return {
    preBuild: { commands: [...install, ...names === '' ? [] : [`${names}\n`], ...preBuildCommands] },
    build: { commands: [build] },
    postBuild: after.length > 0 ? { commands: after } : undefined,
  };
}

/** The backend's phases have installed already, but Amplify can be told to leave them out of a build. */
function unlessInstalled(installCommand: string): string {
  const single = !/[;&|#(){}\n]/.test(installCommand);
  return `test -d node_modules || ${single ? installCommand : `{\n${indent(installCommand.trimEnd())}\n}\n`}`;
}

/** Refuses a smoke test that has no server to ask. */
export function checkBuildPlan(where: IConstruct | string, { framework, smokeTest }: Pick<BuildPlan, 'framework' | 'smokeTest'>): void {
  if (!smokeTest || smokeTest.startCommand !== undefined || framework.platform === AmplifyPlatform.SSR) return;
  throw new PlatformError(where, {
    problem: 'the smoke test of the build has no server to ask: the app is static.',
    got: 'a BuildSmokeTest without startCommand',
    allowed: 'a startCommand that serves the files which were built',
    fix: "give a startCommand, such as 'npx vite preview --port 3000'",
  });
}
