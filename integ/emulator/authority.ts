import * as path from 'path';
import { run } from './process';
import { PythonEnvironment } from './python';

/** A certificate authority that lives as long as the emulator, and one server certificate for 127.0.0.1 and localhost. */
export interface Authority {
  /** File of the authority's own certificate: what a client has to trust. */
  readonly certificate: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
}

export async function createAuthority(directory: string, python: PythonEnvironment): Promise<Authority> {
  await run([python.python, path.join(__dirname, 'adapter', 'authority.py'), directory]);
  return {
    certificate: path.join(directory, 'authority.pem'),
    serverCertificate: path.join(directory, 'server.pem'),
    serverKey: path.join(directory, 'server.key'),
  };
}
