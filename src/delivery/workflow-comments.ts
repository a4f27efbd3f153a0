/** The text of a workflow, with what a permission of a job is for where readers, and zizmor, look for it. */
export function withReasons(workflow: string): string {
  return workflow.replace(/^( +permissions:\n)((?: +[a-z-]+: [a-z]+\n)+)/gm, (_, key: string, permissions: string) => (
    key + permissions.replace(/^( +)([a-z-]+: write)$/gm, (line, indent: string, permission: string) => (
      permission in REASONS ? `${indent}${permission} # ${REASONS[permission]}` : line
    ))
  ));
}

const REASONS: { readonly [permission: string]: string } = {
  'contents: write': 'to write the release',
  'id-token: write': 'to sign in to AWS without a stored key',
  'issues: write': 'to open an issue',
  'pull-requests: write': 'to comment on the pull request',
};
