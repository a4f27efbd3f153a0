/** What a right of a job is for, by the right as a workflow names it. Reading the repository's files needs no reason. */
export interface ReasonsOfRights {
  readonly [right: string]: string;
}

const REASONS: ReasonsOfRights = {
  'actions: read': 'to see who has to approve, and other runs',
  'checks: read': 'to see whether all succeeded',
  'contents: write': 'to write the release',
  'id-token: write': 'to sign in to AWS without a stored key',
  'issues: write': 'to open an issue',
  'pull-requests: write': 'to comment on the pull request',
  'statuses: read': 'to see whether all succeeded',
};

/** The text of a workflow, with what a right of a job is for where readers, and zizmor, look for it. */
export function withReasons(workflow: string, own: ReasonsOfRights = {}): string {
  const reasons: ReasonsOfRights = { ...REASONS, ...own };
  return workflow.replace(/^ +permissions:\n(?: +[a-z-]+: [a-z]+\n)+/gm, permissions => (
    permissions.replace(/^ +([a-z-]+: [a-z]+)$/gm, (line, right: string) => right in reasons ? `${line} # ${reasons[right]}` : line)
  ));
}
