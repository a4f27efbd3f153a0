/** What a function behind a custom resource reads of CloudFormation's request. */
export interface CustomResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
}

/** What it answers. */
export interface CustomResourceAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly [name: string]: string | undefined };
}

/**
 * Tells CloudFormation. Without an answer the stack would hang until the resource's timeout.
 *
 * Not CDK's provider framework: that is a second function, with a role that may invoke the first, for these lines.
 */
export async function answerCloudFormation(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: CustomResourceRequest,
  answer: CustomResourceAnswer,
  pause: (milliseconds: number) => Promise<void> = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
): Promise<void> {
  // Bytes, not text: the address is signed for a request without a content type.
  const bytes = new TextEncoder().encode(JSON.stringify({ StackId, RequestId, LogicalResourceId, ...answer }));
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(ResponseURL, { method: 'PUT', body: bytes });
      if (response.ok) return;
      throw new Error(`CloudFormation's address answered ${response.status}`);
    } catch (error) {
      if (attempt === 4) throw error;
      await pause(attempt * 1000);
    }
  }
}

/** Whether a stack goes back. The states in which it does all have this in their name, and no other has while resources are called. */
export function isGoingBack(status: string | undefined): boolean {
  return /ROLLBACK/.test(status ?? '');
}
