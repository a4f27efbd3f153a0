import { environmentName } from '../../lib/settings';
import { SignIn } from './sign-in';

/** Rendered for each request, so that the page proves what the server knows and not what the build knew. */
export const dynamic = 'force-dynamic';

interface LoginProps {
  searchParams: Promise<{ error?: string }>;
}

export default async function LoginPage({ searchParams }: LoginProps) {
  const { error } = await searchParams;
  return (
    <>
      <h1>Welcome back, adventurer</h1>
      <p>
        You are at the gate of <strong>{environmentName() ?? 'an environment without NEXTAUTH_URL'}</strong>{' '}
        (client <code>{process.env.COGNITO_CLIENT_ID ?? 'not set'}</code>).
      </p>
      {error && <p role="alert">The sign-in did not work. Please try again.</p>}
      <SignIn />
    </>
  );
}
