import { API_BASE_URL } from './settings';
import { currentUser } from './sign-in';

/** The API said no, in words for people. */
export class ApiError extends Error {}

/** Asks the API; as whoever is signed in, where the API wants to know. */
export async function ask<T>(path: string, { body, signal, asUser = false }: { body?: object; signal?: AbortSignal; asUser?: boolean } = {}): Promise<T> {
  const headers = new Headers(body && { 'Content-Type': 'application/json' });
  const user = asUser ? await currentUser() : undefined;
  if (user) headers.set('Authorization', `Bearer ${user.access_token}`);
  const response = await fetch(`${API_BASE_URL}${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal });
  if (response.ok) return await response.json() as T;
  const { detail } = await response.json().catch(() => ({})) as { detail?: unknown };
  throw new ApiError(typeof detail === 'string' ? detail : `The service answered ${response.status}.`);
}
