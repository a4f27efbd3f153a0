'use client';

import { signIn } from 'next-auth/react';
import type { FormEvent } from 'react';

export function SignIn() {
  function submit(event: FormEvent) {
    event.preventDefault();
    void signIn('cognito', { callbackUrl: '/' });
  }
  return (
    <form onSubmit={submit}>
      <button>Sign in</button>
    </form>
  );
}
