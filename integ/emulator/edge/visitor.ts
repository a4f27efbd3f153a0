import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import { Authority } from '../authority';
import { EdgeServer } from './edge-server';

export interface VisitorRequest {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

export interface VisitorAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks the edge by the site's real addresses, and trusts the authority only. */
export class Visitor {
  private readonly ca: Buffer;

  constructor(private readonly server: EdgeServer, authority: Authority) {
    this.ca = fs.readFileSync(authority.certificate);
  }

  /** @param address for example `https://arcade.example.com/games` */
  public get(address: string, { method = 'GET', headers, body }: VisitorRequest = {}): Promise<VisitorAnswer> {
    const url = new URL(address);
    const isSecure = url.protocol === 'https:';
    const options: https.RequestOptions = {
      method,
      path: `${url.pathname}${url.search}`,
      host: '127.0.0.1',
      port: isSecure ? this.server.httpsPort : this.server.httpPort,
      servername: url.hostname,
      ca: this.ca,
      agent: false,
      headers: { host: url.host, ...headers },
    };
    return new Promise((resolve, reject) => {
      const call = (isSecure ? https : http).request(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
          .once('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }));
      });
      call.once('error', reject).end(body);
    });
  }
}
