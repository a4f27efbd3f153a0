import * as http from 'http';
import { Authority } from './authority';
import { EdgeServer } from './edge/edge-server';
import { listen } from './process';

/** A published site that the browser suite can visit. */
export interface SiteWorld {
  /** Address of the site, for example `https://arcade.example.com`. */
  readonly url: string;
  /** Its other address, which redirects to it. */
  readonly wwwUrl: string;
  readonly server: EdgeServer;
  readonly authority: Authority;
  /** The same app where a password is asked for. */
  readonly staging: StagingSite;
  /** Requests that came to the API of the site. */
  readonly apiRequests: readonly ApiRequest[];
  /** Publishes a release of the app that calls itself so. */
  publish(label: string): Promise<void>;
}

export interface StagingSite {
  readonly url: string;
  readonly server: EdgeServer;
  readonly username: string;
  readonly password: string;
}

export interface ApiRequest {
  readonly method: string;
  readonly url: string;
}

/** An API that is well, and remembers what it was asked. */
export class SmallApi {
  public static async start(): Promise<SmallApi> {
    const requests: ApiRequest[] = [];
    const server = http.createServer(({ method, url }, response) => {
      requests.push({ method: method!, url: url! });
      const isKnown = url!.split('?')[0] === '/api/health';
      response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isKnown ? { status: 'healthy' } : { detail: 'Not Found' }));
    });
    return new SmallApi(`http://127.0.0.1:${await listen(server)}`, requests, server);
  }

  private constructor(public readonly url: string, public readonly requests: readonly ApiRequest[], private readonly server: http.Server) {}

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
