import { Credentials, PlainRequest, queryString, signedHeaders } from './signed-request';

/** OpenSearch said no. */
export class OpenSearchRefused extends Error {
  constructor(public readonly status: number, what: string, public readonly answer: string) {
    super(`OpenSearch answered ${status} to ${what}: ${answer.slice(0, 1000)}`);
    this.name = 'OpenSearchRefused';
  }
}

/** Whether the same request may succeed later: too many requests, or a node that is away. */
export function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}

/** How requests are made. */
export interface OpenSearchOptions {
  /** Such as `https://vpc-….es.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** How long one request may take, in milliseconds. */
  readonly timeout: number;
}

type Query = { readonly [name: string]: string };

/** A domain, asked as the role of the function that this runs in. */
export class OpenSearch {
  /** The domain at an address, with what Lambda tells every function about itself. */
  public static fromEnvironment(endpoint: string, environment: NodeJS.ProcessEnv, timeout: number): OpenSearch {
    return new OpenSearch({
      endpoint,
      region: environment.AWS_REGION ?? '',
      credentials: {
        accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
        sessionToken: environment.AWS_SESSION_TOKEN,
      },
      timeout,
    });
  }

  constructor(private readonly options: OpenSearchOptions) {}

  /** The answer as JSON; `undefined` where there is no such thing. */
  public async get<T>(path: string, query?: Query): Promise<T | undefined> {
    try {
      return await this.send<T>('GET', path, undefined, query);
    } catch (error) {
      if (error instanceof OpenSearchRefused && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Sends JSON, or text as it is where that is given. */
  public async send<T>(method: string, path: string, content?: object | string, query?: Query): Promise<T> {
    const { endpoint, region, credentials, timeout } = this.options;
    const body = content === undefined || typeof content === 'string' ? content : JSON.stringify(content);
    const { host } = new URL(endpoint);
    const request: PlainRequest = { method, host, path, query, body };
    const { host: _, ...headers } = signedHeaders(request, credentials, { region, date: new Date() });
    const parameters = queryString(query);
    const response = await fetch(`${endpoint}${path}${parameters && `?${parameters}`}`, {
      method,
      headers: { ...headers, ...body === undefined ? {} : { 'content-type': typeof content === 'string' ? 'application/x-ndjson' : 'application/json' } },
      body,
      signal: AbortSignal.timeout(timeout),
    });
    const text = await response.text();
    if (!response.ok) throw new OpenSearchRefused(response.status, `${method} ${path}`, text);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}
