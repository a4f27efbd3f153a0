import { createHash, createHmac } from 'crypto';
import * as querystring from 'querystring';
import * as vm from 'vm';
import { FunctionSource } from './function-source';
import { checkFunctionSyntax } from './function-syntax';

/** Values of a key value store; nothing for a key that it does not have. */
export type KeyValues = (key: string) => string | undefined | Promise<string | undefined>;

/** What a function may import; the rest of Node is not there. */
type Modules = { readonly [name: string]: unknown };

const MILLISECONDS = 1000;

/** A CloudFront Function, run as cloudfront-js-2.0 would: in a world of its own, with nothing kept between requests. */
export class EdgeFunction {
  private readonly script: vm.Script;
  /** What it wrote with console.log. */
  public readonly logged: string[] = [];

  /** @param keyValues of the store that is associated with the function */
  constructor(private readonly source: FunctionSource, private readonly keyValues?: KeyValues) {
    checkFunctionSyntax(source.code);
    // Functions run in strict mode; a module's imports become constants.
    this.script = new vm.Script(`'use strict';${withoutImports(source.code)}\n;handler(event);`, { filename: 'function.js' });
  }

  /** @throws what the function throws, or that it took too long */
  public async run(event: unknown): Promise<unknown> {
    const world = vm.createContext(this.globals(event), { codeGeneration: { strings: false, wasm: false } });
    return copied(await this.script.runInContext(world, { timeout: MILLISECONDS }));
  }

  private globals(event: unknown): object {
    const modules: Modules = {
      cloudfront: { kvs: (id?: string) => this.store(id) },
      crypto: { createHash, createHmac },
      querystring,
      buffer: { Buffer },
    };
    return {
      event,
      Buffer,
      atob,
      btoa,
      TextEncoder,
      TextDecoder,
      console: { log: (...words: unknown[]) => this.logged.push(words.map(String).join(' ')) },
      moduleOf: (name: string) => {
        if (!(name in modules)) {
          throw new Error(`there is no module ${name}`);
        }
        return modules[name];
      },
    };
  }

  private store(id?: string): object {
    const { keyValueStoreArn } = this.source;
    if (!keyValueStoreArn || !this.keyValues) {
      throw new Error('no key value store is associated with the function');
    }
    if (id !== undefined && !keyValueStoreArn.endsWith(`/${id}`)) {
      throw new Error(`the key value store ${id} is not associated with the function`);
    }
    const read = async (key: string): Promise<string> => {
      const value = await this.keyValues!(key);
      if (value === undefined) {
        throw new Error(`KeyNotFound: ${key}`);
      }
      return value;
    };
    return {
      get: async (key: string, options?: { readonly format?: string }) => {
        const value = await read(key);
        return options?.format === 'json' ? JSON.parse(value) : options?.format === 'bytes' ? Buffer.from(value) : value;
      },
      exists: (key: string) => read(key).then(() => true, () => false),
    };
  }
}

function withoutImports(code: string): string {
  return code.replace(/^\s*import\s+([\w$]+)\s+from\s+(['"])([^'"]+)\2;?/gm, (_, name, _quote, module) => `const ${name} = moduleOf('${module}');`);
}

/** An object of this world, without the methods of the event. */
function copied(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
