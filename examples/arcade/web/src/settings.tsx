/** What /config.js says: values that are known only once the stack is deployed. */
interface Configuration {
  readonly VITE_API_BASE_URL?: string;
  readonly AUTH_ISSUER?: string;
  readonly AUTH_CLIENT_ID?: string;
  /** Where the sign-in pages are. Without them nobody signs in. */
  readonly AUTH_URL?: string;
}

declare global {
  interface Window {
    readonly __CONFIG__?: Configuration;
  }
}

export const CONFIGURATION: Configuration = window.__CONFIG__ ?? {};

/** Address of the API; without one it is the site's own. */
export const API_BASE_URL = CONFIGURATION.VITE_API_BASE_URL ?? '';

/** Label that this release was built with. */
export const RELEASE: string = import.meta.env.VITE_RELEASE ?? 'development';
