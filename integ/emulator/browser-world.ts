import { Authority } from './authority';
import { EdgeServer } from './edge/edge-server';

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
