/** Why no images are made of an upload: what its user can do something about. */
export type RefusalReason =
  'empty' | 'too-large' | 'unknown-type' | 'type-not-accepted' | 'too-many-pixels' | 'unreadable' | 'malware' | 'not-scanned';

/** An upload that will be no better at the next try. */
export class Refusal extends Error {
  constructor(public readonly reason: RefusalReason, message: string) {
    super(message);
    this.name = 'Refusal';
  }
}

/** Whether the image library ended in a way that leaves its memory damaged. WebAssembly keeps it from doing more than that. */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError';
}
