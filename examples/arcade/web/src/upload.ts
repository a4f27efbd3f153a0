import { ApiError, ask } from './api';

export interface CoverImage {
  readonly url: string;
  readonly size: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

interface SignedUpload {
  readonly name: string;
  readonly url: string;
  readonly fields: { readonly [name: string]: string };
}

type Result = { readonly status: 'waiting' } | { readonly status: 'refused'; readonly message: string }
  | { readonly status: 'ready'; readonly images: readonly CoverImage[] };

const SECONDS_TO_WAIT = 90;

/** Sends a file straight to the bucket, and waits for what is made of it. */
export async function upload(file: File): Promise<readonly CoverImage[]> {
  const { name, url, fields } = await ask<SignedUpload>('/api/uploads', { asUser: true, body: { content_type: file.type } });
  const form = new FormData();
  Object.entries(fields).forEach(([field, value]) => form.append(field, value));
  // S3 ignores what comes after it.
  form.append('file', file);
  const sent = await fetch(url, { method: 'POST', body: form });
  if (!sent.ok) throw new ApiError(sent.status === 400 ? 'The file is too large.' : `The file was not taken (${sent.status}).`);

  for (let second = 0; second < SECONDS_TO_WAIT; second++) {
    const result = await ask<Result>(`/api/uploads/${name}`, { asUser: true });
    if (result.status === 'ready') return result.images;
    if (result.status === 'refused') throw new ApiError(result.message);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new ApiError('Your image takes longer than usual. Come back in a while.');
}
