import { Token } from 'aws-cdk-lib';
import { PlatformError } from '../errors';
import { display } from '../validate';

const ANYWHERE = ['self', 'none'];
const IN_SCRIPTS_AND_STYLES = ['unsafe-inline', 'unsafe-hashes', 'report-sample'];
const IN_SCRIPTS = ['unsafe-eval', 'wasm-unsafe-eval', 'strict-dynamic'];

/** Directives that take scripts, or speak for those that do. */
const SCRIPTS = ['default-src', 'script-src', 'worker-src'];
const STYLES = ['style-src'];

const HASH = /^'sha(256-[A-Za-z0-9+/_-]{43}=|384-[A-Za-z0-9+/_-]{64}|512-[A-Za-z0-9+/_-]{86}==)'$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:$/i;
const HOST = /^([a-z][a-z0-9+.-]*:\/\/)?(\*|(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)(:(\d{1,5}|\*))?(\/[^\s;,?#'"]*)?$/i;

/** Refuses what is no source: browsers would ignore it in silence, or take the rest of the policy for something else. */
export function checkSource(directive: string, option: string, source: unknown): void {
  if (Token.isUnresolved(source)) return;
  const problem = typeof source === 'string' ? problemOf(directive, source) : { problem: 'is not a text', fix: 'write the source as a text' };
  if (!problem) return;
  throw new PlatformError('ContentSecurityPolicy', {
    problem: `a source of ${directive} ${problem.problem}.`,
    got: `${option} ${display(source)}`,
    allowed: `https://host, wss://host, a scheme such as data:, a hash such as 'sha256-…', or with their quotes ${keywordsOf(directive).map(word => `'${word}'`).join(', ')}`,
    fix: problem.fix,
  });
}

interface SourceProblem {
  readonly problem: string;
  readonly fix: string;
}

function problemOf(directive: string, source: string): SourceProblem | undefined {
  if (/[\s;,]/.test(source) || source === '') {
    return { problem: 'has a space, comma or semicolon in it, or is empty', fix: 'write each source as a text of its own' };
  }
  if (/^'nonce-/i.test(source)) {
    return { problem: 'is a nonce, which is the same in every answer of a site of files, and so protects from nothing', fix: "use the hash of the script: 'sha256-…'" };
  }
  if (source.startsWith("'")) return problemOfQuoted(directive, source);
  if ([...ANYWHERE, ...IN_SCRIPTS_AND_STYLES, ...IN_SCRIPTS].includes(source.toLowerCase())) {
    return { problem: `would be taken for a host of the name ${source}`, fix: `write it with its quotes: "'${source.toLowerCase()}'"` };
  }
  if (SCHEME.test(source) || HOST.test(source) && portOf(source) <= 65_535) return undefined;
  return { problem: 'is neither a scheme, a host nor a keyword', fix: 'correct it, for instance to https://api.example.com' };
}

function problemOfQuoted(directive: string, source: string): SourceProblem | undefined {
  const takesHashes = SCRIPTS.includes(directive) || STYLES.includes(directive);
  if (takesHashes && HASH.test(source)) return undefined;
  if (keywordsOf(directive).some(word => source === `'${word}'`)) return undefined;
  return { problem: 'is not a keyword or a hash that it knows', fix: 'use one of the keywords allowed, in small letters, or the hash in base64' };
}

function keywordsOf(directive: string): string[] {
  return [
    ...ANYWHERE,
    ...SCRIPTS.includes(directive) || STYLES.includes(directive) ? IN_SCRIPTS_AND_STYLES : [],
    ...SCRIPTS.includes(directive) ? IN_SCRIPTS : [],
  ];
}

function portOf(source: string): number {
  return Number(/:(\d+)(\/|$)/.exec(source.replace(/^[a-z][a-z0-9+.-]*:\/\//i, ''))?.[1] ?? 0);
}
