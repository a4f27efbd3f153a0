import { NextResponse } from 'next/server';

/** The JSON object in a request's body; empty when there is none, so that the checks of its fields say what is wrong. */
export async function readObject(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => undefined);
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};
}

export function problem(status: number, error: string): NextResponse {
  return NextResponse.json({ error }, { status });
}
