import { User, UserManager } from 'oidc-client-ts';
import { useEffect, useState } from 'react';
import { CONFIGURATION } from './settings';

const { AUTH_ISSUER = '', AUTH_CLIENT_ID = '', AUTH_URL } = CONFIGURATION;
const { origin } = window.location;

/** Players, and how they sign in: a code and PKCE, on the platform's own pages. Tokens stay in this tab. */
const manager = AUTH_URL ? new UserManager({
  authority: AUTH_ISSUER,
  client_id: AUTH_CLIENT_ID,
  redirect_uri: `${origin}/callback`,
  scope: 'openid email profile',
  // Told here, so that no page has to ask Cognito for it first.
  metadata: { issuer: AUTH_ISSUER, authorization_endpoint: `${AUTH_URL}/oauth2/authorize`, token_endpoint: `${AUTH_URL}/oauth2/token` },
}) : undefined;

export const CAN_SIGN_IN = manager !== undefined;

/** Goes to the sign-in pages, and comes back to this path. */
export async function signIn(path: string): Promise<void> {
  await manager?.signinRedirect({ state: path });
}

/** On the way back: answers the path that was left. */
export async function finishSignIn(): Promise<string> {
  const user = await manager!.signinRedirectCallback();
  return typeof user.state === 'string' ? user.state : '/';
}

export async function signOut(): Promise<void> {
  await manager?.removeUser();
  window.location.assign(`${AUTH_URL}/logout?${new URLSearchParams({ client_id: AUTH_CLIENT_ID, logout_uri: `${origin}/` })}`);
}

/** Whoever is signed in, with a token that still holds. */
export async function currentUser(): Promise<User | undefined> {
  const user = await manager?.getUser();
  if (!user?.expired) return user ?? undefined;
  return await manager?.signinSilent().catch(() => undefined) ?? undefined;
}

export function useUser(): User | undefined {
  const [user, setUser] = useState<User>();
  useEffect(() => {
    void currentUser().then(setUser);
    const removeLoaded = manager?.events.addUserLoaded(setUser);
    const removeUnloaded = manager?.events.addUserUnloaded(() => setUser(undefined));
    return () => {
      removeLoaded?.();
      removeUnloaded?.();
    };
  }, []);
  return user;
}
