import { useLocation } from 'react-router';
import { CAN_SIGN_IN, signIn, signOut, useUser } from './sign-in';

/** Who is signed in, and the way in or out. */
export function Account() {
  const user = useUser();
  const { pathname, search } = useLocation();
  if (!CAN_SIGN_IN) return null;
  if (!user) return <button type="button" onClick={() => void signIn(`${pathname}${search}`)}>Sign in</button>;
  return (
    <>
      <span id="player">{user.profile.email}</span>
      <button type="button" onClick={() => void signOut()}>Sign out</button>
    </>
  );
}
