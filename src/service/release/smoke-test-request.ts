import * as http from 'http';
import * as https from 'https';
import { isIP } from 'net';
import { checkServerIdentity } from 'tls';

/** Where requests go. Address, port, TLS name and Host header are told apart, because a test port is not reached by the name that users call. */
export interface SmokeTestTarget {
  readonly protocol: 'http:' | 'https:';
  /** IP addresses or names. Where one does not let connect, the next is tried. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Name that users call: Host header, and the name in TLS. */
  readonly host: string;
  /** Whether a certificate of any name will do, because nobody said what users call. It must be a trusted one all the same. */
  readonly anyCertificateName?: boolean;
  /** Authority that is trusted instead of those that Node.js knows. */
  readonly authority?: string;
}

export interface SmokeTestRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
}

/** What came of a request, whole or not. */
export interface Exchange {
  /** Whether the address took the connection. */
  readonly connected: boolean;
  readonly status?: number;
  /** Where a redirect leads. */
  readonly location?: string;
  /** The answer as far as it was read. */
  readonly body: string;
  /** Whether there is more of the answer than is read. */
  readonly truncated: boolean;
  /** Why the answer is not whole. */
  readonly problem?: string;
}

/** The time that a request may take. */
export interface TimeLimits {
  readonly milliseconds: number;
  /** The end for all requests. */
  readonly deadline: AbortSignal;
}

type Phase = 'connect' | 'secure' | 'answer' | 'body';

/** What is read of an answer. */
export const MAXIMUM_BODY_BYTES = 2 ** 20;
/** Time for each address that a name stands for. Node.js waits a quarter of a second, which is short between regions. */
const ATTEMPT_MILLISECONDS = 2000;

/** Sends a request to one address. Never rejects and never follows a redirect; its connection is closed when the promise resolves. */
export async function exchange(target: SmokeTestTarget, address: string, request: SmokeTestRequest, limits: TimeLimits): Promise<Exchange> {
  try {
    return await new Conversation(target, address).hold(request, limits);
  } catch (error) {
    // What cannot even be written as a request, such as a path with a line break that was only known at deployment.
    return { connected: true, body: '', truncated: false, problem: `not a request: ${(error as Error).message}` };
  }
}

class Conversation {
  private phase: Phase = 'connect';
  private answer?: http.IncomingMessage;
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(private readonly target: SmokeTestTarget, private readonly address: string) {}

  public hold(request: SmokeTestRequest, { milliseconds, deadline }: TimeLimits): Promise<Exchange> {
    const within = `within ${Math.ceil(milliseconds / 1000)} s`;
    const beforeDeadline = 'before the time of all smoke tests was over';
    if (deadline.aborted) return Promise.resolve(this.end(this.late(beforeDeadline)));
    const outgoing = this.send(request);
    let timer: NodeJS.Timeout;
    let onDeadline: () => void;
    return new Promise<Exchange>(resolve => {
      timer = setTimeout(() => resolve(this.end(this.late(within))), milliseconds);
      onDeadline = () => resolve(this.end(this.late(beforeDeadline)));
      deadline.addEventListener('abort', onDeadline);
      outgoing.on('error', error => resolve(this.end(this.explain(error))));
      outgoing.on('socket', socket => {
        socket.on('connect', () => this.phase = this.target.protocol === 'https:' ? 'secure' : 'answer');
        socket.on('secureConnect', () => this.phase = 'answer');
      });
      outgoing.on('response', answer => this.read(answer, problem => resolve(this.end(problem))));
      outgoing.end(request.body);
    }).finally(() => {
      clearTimeout(timer);
      deadline.removeEventListener('abort', onDeadline);
      outgoing.destroy();
    });
  }

  private send({ method, path, headers, body }: SmokeTestRequest): http.ClientRequest {
    const { protocol, port, host, anyCertificateName, authority } = this.target;
    const hostHeader = headers.host ?? host;
    const name = hostHeader.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    const options = {
      host: this.address,
      port,
      method,
      path,
      headers: { ...headers, host: hostHeader, ...body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) } },
      // A connection of its own, which is closed afterwards.
      agent: false,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MILLISECONDS,
    };
    if (protocol === 'http:') return http.request(options);
    return https.request({
      ...options,
      ca: authority,
      // TLS asks for names, never for addresses.
      servername: isIP(name) ? '' : name,
      checkServerIdentity: (_, certificate) => anyCertificateName ? undefined : checkServerIdentity(name, certificate),
    });
  }

  private read(answer: http.IncomingMessage, done: (problem?: string) => void): void {
    this.phase = 'body';
    this.answer = answer;
    answer.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.size += chunk.length;
      if (this.size > MAXIMUM_BODY_BYTES) done();
    });
    answer.on('end', () => done());
    answer.on('error', error => done(this.explain(error)));
  }

  private end(problem?: string): Exchange {
    return {
      connected: this.phase !== 'connect',
      status: this.answer?.statusCode,
      location: this.answer?.headers.location,
      body: Buffer.concat(this.chunks).subarray(0, MAXIMUM_BODY_BYTES).toString(),
      truncated: this.size > MAXIMUM_BODY_BYTES,
      problem,
    };
  }

  private late(when: string): string {
    const missing: { [phase in Phase]: string } = {
      connect: `no connection to ${this.address}:${this.target.port}`,
      secure: 'no TLS connection',
      answer: 'no answer',
      body: 'the answer was not complete',
    };
    return `${missing[this.phase]} ${when}`;
  }

  private explain(error: NodeJS.ErrnoException): string {
    const { code, message } = error;
    if (this.phase === 'connect') return `no connection to ${this.address}:${this.target.port}: ${code ?? message}`;
    if (this.phase === 'secure') return `TLS failed: ${message} (${code})`;
    if (code?.startsWith('HPE_')) return `no answer in HTTP: ${message} (${code})`;
    const when = this.phase === 'answer' ? 'without an answer' : 'in the middle of the answer';
    return `the connection was closed ${when}: ${message} (${code})`;
  }
}
