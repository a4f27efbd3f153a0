import type { NextRequest } from 'next/server';
import type { NextAuthOptions } from 'next-auth';
import { getToken } from 'next-auth/jwt';
import CognitoProvider from 'next-auth/providers/cognito';
import { setting } from './settings';

/** Sign-in by the user pool's own pages: authorization code, with the client's secret. */
export function authenticationOptions(): NextAuthOptions {
  return {
    secret: setting('NEXTAUTH_SECRET'),
    pages: { signIn: '/login', error: '/login' },
    providers: [
      CognitoProvider({
        clientId: setting('COGNITO_CLIENT_ID'),
        clientSecret: setting('COGNITO_CLIENT_SECRET'),
        issuer: `https://cognito-idp.${setting('AWS_REGION')}.amazonaws.com/${setting('COGNITO_USER_POOL_ID')}`,
        checks: ['pkce', 'state', 'nonce'],
      }),
    ],
  };
}

/** Who asks: the user's id in the user pool, or undefined without a valid session. */
export async function signedInPlayer(request: NextRequest): Promise<string | undefined> {
  const token = await getToken({ req: request, secret: setting('NEXTAUTH_SECRET') });
  return token?.sub;
}
