import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authenticationOptions } from '../../../../lib/authentication';

interface Context {
  params: Promise<{ nextauth: string[] }>;
}

async function handler(request: NextRequest, context: Context): Promise<Response> {
  return NextAuth(request, context, authenticationOptions());
}

export { handler as GET, handler as POST };
