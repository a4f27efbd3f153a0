import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';

declare const TOOL_VERSIONS: { readonly [name: string]: string };

/** What is begun. */
export interface NewApp {
  readonly pattern: string;
  readonly name: string;
  readonly projen: boolean;
  /** Where npm gets this package from: a version range, or a tarball. */
  readonly packageSpec: string;
  /** Its repository on GitHub, as `owner/name`; undefined where nobody knows it yet. */
  readonly repository?: string;
  /** Its folder in the repository, `.` where it is the repository. */
  readonly folder: string;
}

/** Files by their paths. */
export type AppFiles = Map<string, string>;

const TEMPLATES = join(__dirname, 'templates');
/** How the templates call what they are. */
const SAMPLES = /my-org\/my-app|my-org|my-app|MyApp/g;
const SAMPLE_OWNER = 'my-org';

/** All files of a new app. Templates are real apps, which this project's own compiler checks. */
export function filesOf(app: NewApp): AppFiles {
  const common = readFolder(join(TEMPLATES, 'common'));
  const files = readFolder(join(TEMPLATES, app.pattern));
  if (app.projen) {
    files.set('.projenrc.ts', projenrc(app, common));
    files.set('package.json', json(packageForProjen(app)));
  } else {
    files.set('.gitignore', common.get('gitignore')!);
    files.set('cdk.json', common.get('cdk.json')!);
    files.set('tsconfig.json', common.get('tsconfig.json')!);
    files.set('package.json', json(packageForNpm(app)));
  }
  files.set('src/main.ts', inFolder(app.folder, files.get('src/main.ts')!));
  const className = app.name.split('-').map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const { repository = `${SAMPLE_OWNER}/${app.name}` } = app;
  const names: { readonly [sample: string]: string } = {
    'my-org/my-app': repository, 'my-org': repository.split('/')[0], 'my-app': app.name, 'MyApp': className,
  };
  const rename = (text: string) => text.replace(SAMPLES, sample => names[sample]);
  return new Map([...files].map(([path, text]) => [rename(path), rename(text)]));
}

/** Workflows run at the root of the repository. */
function inFolder(folder: string, main: string): string {
  if (folder === '.') return main.replace(/^ *appDirectory: '\.',\n/m, '');
  return main.replace("appDirectory: '.'", `appDirectory: '${folder}'`).replace("directory: 'api'", `directory: '${folder}/api'`);
}

function packageForNpm({ name, packageSpec }: NewApp): object {
  return {
    name,
    version: '0.1.0',
    private: true,
    scripts: { build: 'tsc', test: 'tsc && tsx --test test/*.test.ts', synth: 'cdk synth --quiet', deploy: 'cdk deploy' },
    engines: { node: '>=20' },
    dependencies: {
      'aws-cdk-lib': TOOL_VERSIONS['aws-cdk-lib-newest'], 'cdk-web-platform': packageSpec, 'constructs': TOOL_VERSIONS.constructs,
    },
    devDependencies: Object.fromEntries(['@types/node', 'aws-cdk', 'tsx', 'typescript'].map(tool => [tool, TOOL_VERSIONS[tool]])),
  };
}

/** Enough to run projen once; it writes the rest. */
function packageForProjen({ name }: NewApp): object {
  return {
    name,
    private: true,
    scripts: { projen: 'tsx .projenrc.ts' },
    devDependencies: Object.fromEntries(['constructs', 'projen', 'tsx', 'typescript'].map(tool => [tool, TOOL_VERSIONS[tool]])),
  };
}

function projenrc({ packageSpec }: NewApp, common: AppFiles): string {
  const values: { readonly [placeholder: string]: string } = {
    AWS_CDK_LIB: TOOL_VERSIONS['aws-cdk-lib-newest'],
    AWS_CDK: TOOL_VERSIONS['aws-cdk'],
    CONSTRUCTS: TOOL_VERSIONS.constructs,
    TYPESCRIPT: TOOL_VERSIONS.typescript,
    PROJEN: TOOL_VERSIONS.projen,
    TSX: TOOL_VERSIONS.tsx,
    CDK_WEB_PLATFORM: packageSpec,
  };
  return common.get('projenrc.ts')!.replace(/VERSION_OF_([A-Z_]+)/g, (_, tool) => values[tool]);
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function readFolder(folder: string): AppFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return new Map(entries.map(entry => {
    const file = join(entry.parentPath, entry.name);
    return [file.slice(folder.length + 1).replace(/\\/g, '/'), readFileSync(file, 'utf8')];
  }));
}
