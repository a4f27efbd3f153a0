import { rolesOfNodes } from './architecture';
import type { AssemblyResource } from './assembly';
import type { ReportEnvironment } from './environments';
import { inWords, type ResourceIndex } from './references';
import { allows, rightsOfRoles } from './rights';

const READ = 'secretsmanager:GetSecretValue';
const SECRET = 'AWS::SecretsManager::Secret';

/** A secret and the roles that may read it. */
export interface SecretReaders {
  /** The secret of the app; undefined where it is only named, or where all are meant. */
  readonly secret?: AssemblyResource;
  readonly name: string;
  readonly readers: readonly Reader[];
}

export interface Reader {
  readonly role: AssemblyResource;
  /** What works with the role. */
  readonly users: readonly AssemblyResource[];
}

/** Who can read which secret, by the policies of roles. Policies of the secrets themselves, and people, are not counted. */
export function secretReaders({ resources }: ReportEnvironment, index: ResourceIndex): SecretReaders[] {
  const users = [...rolesOfNodes(resources, index)];
  const secrets = resources.filter(({ type }) => type === SECRET);
  const readers = new Map<AssemblyResource | string, Set<AssemblyResource>>(secrets.map(secret => [secret, new Set()]));
  for (const [role, statements] of rightsOfRoles(resources, index)) {
    for (const { on, in: policy } of statements.filter(statement => allows(statement, READ))) {
      for (const value of [on].flat()) {
        const named = index.find(value, policy.home).filter(({ type }) => type === SECRET);
        for (const secret of named.length > 0 ? named : [inWords(value) === '*' ? 'every secret of the account' : inWords(value)]) {
          readers.set(secret, (readers.get(secret) ?? new Set()).add(role));
        }
      }
    }
  }
  return [...readers].map(([secret, roles]) => ({
    secret: typeof secret === 'string' ? undefined : secret,
    name: typeof secret === 'string' ? secret : secret.path,
    readers: [...roles].map(role => ({ role, users: users.filter(([, own]) => own.includes(role)).map(([user]) => user) })),
  }));
}
