import { createHash, X509Certificate } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { run } from './process';
import { PythonEnvironment } from './python';

/** Files of a certificate and its key. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Hash of a certificate's public key: what a browser is told to trust. */
export function publicKeyHash({ certificate }: IssuedCertificate): string {
  const key = new X509Certificate(fs.readFileSync(certificate)).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

/** A certificate authority that lives as long as the emulator, and one server certificate for 127.0.0.1 and localhost. */
export interface Authority {
  /** File of the authority's own certificate: what a client has to trust. */
  readonly certificate: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** A server certificate for another name; the same one each time. */
  issue(name: string): Promise<IssuedCertificate>;
}

export async function createAuthority(directory: string, python: PythonEnvironment): Promise<Authority> {
  const script = path.join(__dirname, 'adapter', 'authority.py');
  await run([python.python, script, directory]);
  const issued = new Map<string, Promise<IssuedCertificate>>();
  const issue = async (name: string): Promise<IssuedCertificate> => {
    if (!/^[a-z0-9.-]+$/i.test(name)) {
      throw new Error(`${name} is no name of a server`);
    }
    await run([python.python, script, directory, name]);
    return { certificate: path.join(directory, `host-${name}.pem`), key: path.join(directory, `host-${name}.key`) };
  };
  return {
    certificate: path.join(directory, 'authority.pem'),
    serverCertificate: path.join(directory, 'server.pem'),
    serverKey: path.join(directory, 'server.key'),
    issue: (name) => {
      const certificate = issued.get(name) ?? issue(name);
      issued.set(name, certificate);
      return certificate;
    },
  };
}
