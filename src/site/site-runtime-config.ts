import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkGiven, checkKnown, checkMap, checkText, display } from '../validate';
import { checkName } from './deployment/content-names';
import { ConfigFile } from './deployment/files';

/** Options of a run-time config. */
export interface RuntimeConfigOptions {
  /**
   * Values by name, such as `{ VITE_API_BASE_URL: api.url }`. They may only be known at deployment. Everyone can read them: a secret is refused.
   */
  readonly values: { readonly [name: string]: string };
  /**
   * Path of the file below the site.
   * @default - `config.js` for a script, `config.json` for JSON
   */
  readonly fileName?: string;
}

/** Options of a run-time config as a script. */
export interface ScriptConfigOptions extends RuntimeConfigOptions {
  /**
   * Property of `window` that the script sets.
   * @default '__CONFIG__'
   */
  readonly globalName?: string;
}

/**
 * Values that a built site reads when it runs, so that one build serves every environment. They are written when the site is deployed, and
 * browsers and CloudFront never keep them: a change of a value deploys this one file.
 */
export class RuntimeConfig {
  /**
   * A script that sets a global: load it with `<script src="/config.js"></script>` before the app's own.
   */
  public static script(options: ScriptConfigOptions): RuntimeConfig {
    return new RuntimeConfig([{ path: options?.fileName ?? 'config.js', values: options?.values, globalName: options?.globalName ?? '__CONFIG__' }]);
  }

  /** A JSON file, for an app that fetches it. */
  public static json(options: RuntimeConfigOptions): RuntimeConfig {
    return new RuntimeConfig([{ path: options?.fileName ?? 'config.json', values: options?.values }]);
  }

  private constructor(private readonly configs: ConfigFile[]) {}

  /** Both this and another config. */
  public and(other: RuntimeConfig): RuntimeConfig {
    return new RuntimeConfig([...this.configs, ...other.configs]);
  }

  /**
   * The same with further values in its first file. A value of the same name stays as it is.
   *
   * @internal
   */
  public _withDefaults(values: { readonly [name: string]: string }): RuntimeConfig {
    const [first, ...others] = this.configs;
    return new RuntimeConfig([{ ...first, values: { ...values, ...first.values } }, ...others]);
  }

  /**
   * The files, when they have been checked.
   *
   * @internal
   */
  public _files(where: IConstruct): ConfigFile[] {
    for (const config of this.configs) checkConfig(where, config);
    const paths = this.configs.map(({ path }) => path);
    const twice = paths.find((path, index) => paths.indexOf(path) !== index);
    if (twice === undefined) return this.configs;
    throw new PlatformError(where, {
      problem: 'two run-time configs have the same file name.', got: `fileName ${display(twice)} twice`, allowed: 'a file name for each', fix: 'give one of them another fileName',
    });
  }
}

function checkConfig(where: IConstruct, { path, globalName, values }: ConfigFile): void {
  checkKnown(where, 'fileName', path);
  checkText(where, 'fileName', path, globalName === undefined ? /^[^/].*\.json$/ : /^[^/].*\.m?js$/,
    `a path below the site that ends in ${globalName === undefined ? '.json, such as config.json' : '.js, such as config.js'}`);
  checkName(where, path);
  checkKnown(where, 'globalName', globalName);
  checkText(where, 'globalName', globalName, /^[A-Za-z_$][\w$]*$/, 'a name of JavaScript, such as __CONFIG__');
  checkGiven(where, 'values', values, 'values by name, such as { VITE_API_BASE_URL: api.url }');
  checkMap(where, 'values', values);
  for (const [name, value] of Object.entries(values)) checkValue(where, name, value);
}

function checkValue(where: IConstruct, name: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw new PlatformError(where, {
      problem: 'a value of the run-time config is no text.', got: `${name} ${display(value)}`, allowed: 'texts', fix: `write ${name} as a text, such as '${value}'`,
    });
  }
  if (!isSecret(where, value)) return;
  throw new PlatformError(where, {
    problem: 'the run-time config has a secret, and everyone can read it.',
    got: `${name} as a reference to a secret`,
    allowed: 'values that may be public',
    fix: `keep ${name} in the service that needs it, and let the site ask the service`,
  });
}

function isSecret(where: IConstruct, value: string): boolean {
  try {
    const resolved = JSON.stringify(Token.isUnresolved(value) ? Stack.of(where).resolve(value) : value);
    return /\{\{resolve:(secretsmanager|ssm-secure)/.test(resolved);
  } catch (error) {
    // CDK's own SecretValue refuses to be resolved here. What else cannot be resolved yet is none of this check's business.
    return /secret value/i.test(String(error));
  }
}
