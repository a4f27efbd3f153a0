import { synthesize } from '../synthesize';
import type { Terminal } from '../terminal';

/** With this, GithubDelivery writes nothing and fails the synth where a workflow is not what it would write. */
const CHECK = 'cdk-web-platform:check=true';

/** Writes the workflows of the app of this folder, or says whether they are what the app says. */
export async function workflows({ check = false }: { readonly check?: boolean }, terminal: Terminal): Promise<void> {
  const said = await synthesize('cdk-web-platform workflows', terminal, check ? [CHECK] : []);
  if (said) terminal.progress(said);
  terminal.result(check ? 'The workflows are what the app says.' : 'The workflows are written where they changed.', { check, upToDate: true });
}
