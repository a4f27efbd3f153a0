import { ExitCode, Refusal } from './outcome';

const REPORT = 'https://github.com/cdk-web-platform/cdk-web-platform/issues';
const CREDENTIALS = /^(CredentialsProviderError|ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|AuthFailure|TokenProviderError)$/;
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized/;
const NETWORK = /^(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET|EAI_AGAIN)$/;

/** What a person is told of an error, and how the process ends. */
export interface Explanation {
  readonly code: ExitCode;
  readonly message: string;
}

/** An error as its reader needs it: no stack trace for what is not our mistake. */
export function explain(error: unknown): Explanation {
  const { name, message, code, $metadata } = error as Error & { readonly code?: string; readonly $metadata?: object };
  if (name === 'PlatformError') return { code: ExitCode.USAGE, message };
  if (error instanceof Refusal) return { code: ExitCode.FOUND, message };
  if (name === 'ExitPromptError') return { code: ExitCode.INTERRUPTED, message: 'Nothing was done.' };
  if (CREDENTIALS.test(name)) {
    return { code: ExitCode.FOUND, message: `AWS takes no credentials from here: ${message}\n  fix: sign in (aws sso login), or name a profile: --profile <name>` };
  }
  if (message === 'Region is missing') {
    return { code: ExitCode.USAGE, message: 'There is no AWS region.\n  fix: name it: --region eu-central-1, or set AWS_REGION' };
  }
  if (DENIED.test(name)) return { code: ExitCode.FOUND, message: `AWS refused: ${message}\n  fix: give your role this right, or take another: --profile <name>` };
  if (NETWORK.test(code ?? '')) return { code: ExitCode.FOUND, message: `The network said no: ${message}\n  fix: look at your connection, and at AWS_ENDPOINT_URL where it is set` };
  if ($metadata) return { code: ExitCode.FOUND, message: `AWS said no: ${name}: ${message}` };
  return { code: ExitCode.DEFECT, message: `Unexpected: ${message ?? error}\n  This is a mistake of ours. --debug shows where; please report it: ${REPORT}` };
}
