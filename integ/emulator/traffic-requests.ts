import * as http from 'http';
import * as https from 'https';

/** A request to a service through its load balancer. */
export interface TrafficRequest {
  /** @default - the one that the service's listener rule asks for, or localhost */
  readonly host?: string;
  readonly headers?: { readonly [name: string]: string };
  /** @default GET */
  readonly method?: string;
  readonly body?: string;
  /** To the test listener instead of the production listener. @default false */
  readonly test?: boolean;
  /** @default 10 */
  readonly secondsToAnswer?: number;
}

/** A request with where it goes, and the certificate authority to trust. */
export interface AddressedRequest extends TrafficRequest {
  readonly url: string;
  readonly authority: Buffer;
}

/** What was answered; without a status, why there was no answer. */
export interface TrafficAnswer {
  /** Milliseconds since the first request. */
  readonly at: number;
  readonly status?: number;
  readonly error?: string;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly milliseconds: number;
}

/** Sends one request; that it fails is an answer as well. */
export async function send(request: AddressedRequest, since: number = performance.now()): Promise<TrafficAnswer> {
  const began = performance.now();
  const answer = await exchange(request).catch((error: Error) => ({ error: `${error.message}`, body: '', headers: {} }));
  return { at: Math.round(began - since), ...answer, milliseconds: Math.round(performance.now() - began) };
}

function exchange(request: AddressedRequest): Promise<Pick<TrafficAnswer, 'status' | 'body' | 'headers'>> {
  const { url, host = 'localhost', method = 'GET', headers, body: content, authority, secondsToAnswer = 10 } = request;
  const options: https.RequestOptions = {
    method, headers: { host, ...headers }, agent: false, timeout: secondsToAnswer * 1000, servername: host, host: '127.0.0.1', ca: authority,
  };
  return new Promise((resolve, reject) => {
    const call = (url.startsWith('https:') ? https : http).request(url, options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk) => body += chunk).once('error', reject)
        .once('end', () => resolve({ status: answer.statusCode, body, headers: answer.headers }));
    });
    call.once('timeout', () => call.destroy(new Error(`no answer within ${secondsToAnswer} s`)));
    call.once('error', reject).end(content);
  });
}

export interface ContinuousRequestsOptions extends TrafficRequest {
  /** Pause between the beginnings of two requests. @default 20 */
  readonly everyMilliseconds?: number;
  /** @default - any status below 500 */
  readonly isGood?: (answer: TrafficAnswer) => boolean;
}

/** Requests as users would send them, one after the other began, whether that was answered or not. */
export class ContinuousRequests {
  public readonly answers: TrafficAnswer[] = [];
  private readonly pending = new Set<Promise<unknown>>();
  private readonly timer: NodeJS.Timeout;
  private readonly began = performance.now();

  constructor(private readonly request: AddressedRequest, private readonly options: ContinuousRequestsOptions) {
    this.timer = setInterval(() => this.sendOne(), options.everyMilliseconds ?? 20);
  }

  /** Answers so far that were not good. */
  public get failed(): TrafficAnswer[] {
    const { isGood = ({ status }) => status !== undefined && status < 500 } = this.options;
    return this.answers.filter((answer) => !isGood(answer));
  }

  /** How often each body was answered, for example to see which version answered. */
  public get bodies(): { readonly [body: string]: number } {
    const counts: { [body: string]: number } = {};
    for (const { body } of this.answers) counts[body] = (counts[body] ?? 0) + 1;
    return counts;
  }

  /** Waits for the answers of all that was sent. */
  public async stop(): Promise<this> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
    return this;
  }

  private sendOne(): void {
    const sent = send(this.request, this.began).then((answer) => {
      this.answers.push(answer);
      this.pending.delete(sent);
    });
    this.pending.add(sent);
  }
}
