import { createHash } from 'crypto';
import { createContext, runInContext } from 'vm';

/** A request as CloudFront gives it to a function. */
export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: { [name: string]: { value: string; multiValue?: { value: string }[] } };
  headers: { [name: string]: { value: string } };
  cookies: object;
}

/** What a function answers instead of a request. */
export interface EdgeResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: { [name: string]: { value: string } };
}

export type EdgeAnswer = EdgeRequest | EdgeResponse;

/** Where the function finds keys; it throws for those that are not there, as CloudFront's does. */
export type Store = Map<string, string>;

/** Runs a program as CloudFront does: its imports are given to it, and nothing else of Node. */
export function edgeFunction(code: string, store: Store = new Map()): (request: EdgeRequest) => Promise<EdgeAnswer> | EdgeAnswer {
  const cf = {
    kvs: () => ({
      get: async (key: string) => {
        if (!store.has(key)) throw new Error('KeyNotFound');
        return store.get(key);
      },
    }),
  };
  const context = createContext({ cf, crypto: { createHash } });
  const handler = runInContext(`'use strict';\n${code.replace(/^import .*$/gm, '')}\nhandler;`, context);
  return request => handler({ version: '1.0', context: { distributionDomainName: 'd111111abcdef8.cloudfront.net' }, viewer: { ip: '203.0.113.1' }, request });
}

/** A request for a path. */
export function requestFor(path: string, headers: { [name: string]: string } = {}): EdgeRequest {
  const [uri, search] = path.split(/\?(.*)/s);
  const querystring: EdgeRequest['querystring'] = {};
  for (const part of (search ?? '').split('&').filter(Boolean)) {
    const [name, value = ''] = part.split(/=(.*)/s);
    const known = querystring[name];
    if (!known) querystring[name] = { value };
    else known.multiValue = [...known.multiValue ?? [{ value: known.value }], { value }];
  }
  return {
    method: 'GET',
    uri,
    querystring,
    headers: Object.fromEntries(Object.entries({ host: 'www.example.com', ...headers }).map(([name, value]) => [name, { value }])),
    cookies: {},
  };
}
