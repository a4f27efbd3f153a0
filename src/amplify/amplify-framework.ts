import { checkList, checkOneOf, checkText } from '../validate';

/**
 * How Amplify Hosting serves an app.
 * @see https://docs.aws.amazon.com/amplify/latest/APIReference/API_App.html
 */
export enum AmplifyPlatform {
  /** Files that the build made. */
  STATIC = 'WEB',
  /** A server renders pages when they are asked for, beside files that the build made. */
  SSR = 'WEB_COMPUTE',
}

const COMMAND = /\S/;
const DIRECTORY = /^(?!\/)(?!.*(^|\/)\.\.(\/|$))\S+$/;

/** What differs from the framework's defaults. */
export interface AmplifyFrameworkOptions {
  /**
   * Whether a server renders pages.
   * @default - as the framework is mostly used
   */
  readonly platform?: AmplifyPlatform;
  /**
   * Name of the framework as Amplify knows it. A server-rendered app needs the right one: Amplify refuses others with "Framework Web not supported".
   * @default - the framework's
   */
  readonly label?: string;
  /**
   * Installs what the app depends on.
   * @default - npm ci --cache .npm --prefer-offline
   */
  readonly installCommand?: string;
  /**
   * Builds the app.
   * @default - npm run build
   */
  readonly buildCommand?: string;
  /**
   * Folder that the build writes to, relative to the app's folder.
   * @default - the framework's
   */
  readonly artifactsDirectory?: string;
  /**
   * Files of that folder that are deployed, as patterns.
   * @default - all
   */
  readonly artifactFiles?: string[];
  /**
   * Files that the next build finds again, as patterns relative to the app's folder.
   * @default - npm's cache, and the framework's own
   */
  readonly cachePaths?: string[];
}

interface Defaults {
  readonly platform: AmplifyPlatform;
  readonly label: string;
  readonly artifactsDirectory: string;
  readonly buildCommand?: string;
  readonly cachePaths?: string[];
}

/** What an app is made with: how it is installed and built, and what of it is deployed. */
export class AmplifyFramework {
  /** Next.js with a server. */
  public static nextJs(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('nextJs', options, {
      platform: AmplifyPlatform.SSR, label: 'Next.js - SSR', artifactsDirectory: '.next', cachePaths: ['.next/cache/**/*'],
    });
  }

  /** Next.js with `output: 'export'`: files, no server. */
  public static nextJsStatic(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('nextJsStatic', options, {
      platform: AmplifyPlatform.STATIC, label: 'Next.js - SSG', artifactsDirectory: 'out', cachePaths: ['.next/cache/**/*'],
    });
  }

  /** Vite, with whatever library. */
  public static vite(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('vite', options, { platform: AmplifyPlatform.STATIC, label: 'Web', artifactsDirectory: 'dist' });
  }

  /** Create React App. */
  public static createReactApp(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('createReactApp', options, { platform: AmplifyPlatform.STATIC, label: 'React', artifactsDirectory: 'build' });
  }

  /**
   * Angular 17 or newer, without a server.
   * @param project name of the project in angular.json, which is part of the folder that the build writes to.
   */
  public static angular(project: string, options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    checkText('AmplifyFramework.angular', 'project', project ?? '', DIRECTORY, 'the name of the project in angular.json');
    return new AmplifyFramework('angular', options, {
      platform: AmplifyPlatform.STATIC, label: 'Angular', artifactsDirectory: `dist/${project}/browser`, cachePaths: ['.angular/cache/**/*'],
    });
  }

  /** Astro without a server. One with a server needs an adapter for Amplify, and `platform`, `label` and `artifactsDirectory` as the adapter says. */
  public static astro(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('astro', options, { platform: AmplifyPlatform.STATIC, label: 'Astro', artifactsDirectory: 'dist' });
  }

  /** Nuxt 3 or newer with a server; Nitro sees by itself that it is built by Amplify. */
  public static nuxt(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('nuxt', options, { platform: AmplifyPlatform.SSR, label: 'Nuxt - SSR', artifactsDirectory: '.amplify-hosting' });
  }

  /** SvelteKit with a server, through the package amplify-adapter. */
  public static svelteKit(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('svelteKit', options, {
      platform: AmplifyPlatform.SSR,
      label: 'SvelteKit - SSR',
      artifactsDirectory: 'build',
      buildCommand: 'npm run build && (cd build/compute/default && npm install --omit=dev)',
    });
  }

  /** Anything else; without options a static site in `dist`. */
  public static custom(options: AmplifyFrameworkOptions = {}): AmplifyFramework {
    return new AmplifyFramework('custom', options, { platform: AmplifyPlatform.STATIC, label: 'Web', artifactsDirectory: 'dist' });
  }

  /** Whether a server renders pages. */
  public readonly platform: AmplifyPlatform;
  /** Name of the framework as Amplify knows it. */
  public readonly label: string;
  /** Installs what the app depends on. */
  public readonly installCommand: string;
  /** Builds the app. */
  public readonly buildCommand: string;
  /** Folder that the build writes to. */
  public readonly artifactsDirectory: string;
  /** Files of that folder that are deployed. */
  public readonly artifactFiles: string[];
  /** Files that the next build finds again. */
  public readonly cachePaths: string[];

  private constructor(name: string, options: AmplifyFrameworkOptions, defaults: Defaults) {
    validate(`AmplifyFramework.${name}`, options);
    this.platform = options.platform ?? defaults.platform;
    this.label = options.label ?? defaults.label;
    this.installCommand = options.installCommand ?? 'npm ci --cache .npm --prefer-offline';
    this.buildCommand = options.buildCommand ?? defaults.buildCommand ?? 'npm run build';
    this.artifactsDirectory = options.artifactsDirectory ?? defaults.artifactsDirectory;
    this.artifactFiles = options.artifactFiles ?? ['**/*'];
    this.cachePaths = options.cachePaths ?? ['.npm/**/*', ...defaults.cachePaths ?? []];
  }
}

function validate(where: string, options: AmplifyFrameworkOptions): void {
  checkOneOf(where, 'platform', options.platform, Object.values(AmplifyPlatform));
  checkText(where, 'label', options.label, COMMAND, 'a name of a framework, such as Next.js - SSR');
  checkText(where, 'installCommand', options.installCommand, COMMAND, 'a command');
  checkText(where, 'buildCommand', options.buildCommand, COMMAND, 'a command');
  checkText(where, 'artifactsDirectory', options.artifactsDirectory, DIRECTORY, "a folder within the app's, such as dist");
  checkList(where, 'artifactFiles', options.artifactFiles);
  checkList(where, 'cachePaths', options.cachePaths);
}
