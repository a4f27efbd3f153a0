/** What one look found. */
export interface Finding {
  /** Account and region, or the stack, that it is about. */
  readonly where: string;
  readonly check: string;
  /** `unknown` where it could not be looked at, which is not good either. */
  readonly status: 'good' | 'bad' | 'unknown';
  readonly found: string;
  readonly fix?: string;
}

export function good(where: string, check: string, found: string): Finding {
  return { where, check, status: 'good', found };
}

export function bad(where: string, check: string, found: string, fix: string): Finding {
  return { where, check, status: 'bad', found, fix };
}

/** What a look needs and the role does not have is a finding of its own. */
export function unknown(where: string, check: string, error: unknown): Finding {
  const { name, message } = error as Error;
  return { where, check, status: 'unknown', found: `could not be looked at: ${name}: ${message}`, fix: 'give your role the right to read it, or look yourself' };
}
