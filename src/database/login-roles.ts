/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { SESSION_NAME } from './database-connection';
import { Login } from './login-secret';
import { scramVerifier } from './scram-verifier';

/** Names of the roles of one database. */
export interface RoleNames {
  /** Owns the schemas and what is in them; migrations run as it. */
  readonly owner: string;
  /** Carries the application's rights; nobody logs in as it. */
  readonly access: string;
  /** The application's two logins, of which one is current. */
  readonly logins: readonly [string, string];
}

export function roleNames(databaseName: string): RoleNames {
  return {
    owner: `${databaseName}_owner`,
    access: `${databaseName}_access`,
    logins: [`${databaseName}_a`, `${databaseName}_b`],
  };
}

// What an extension brought along belongs to the extension.
const notOfExtension = (catalog: string, alias: string) =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${alias}.oid AND d.deptype = 'e')`;

const SCHEMAS = `
  SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner, pg_has_role(n.nspowner, 'USAGE') AS ours
  FROM pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ${notOfExtension('pg_namespace', 'n')}`;

// A sequence of a serial or identity column goes with its table.
const RELATIONS = `
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${notOfExtension('pg_class', 'c')}`;

const ROUTINES = `
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = ANY ($1) AND ${notOfExtension('pg_proc', 'p')}`;

const TYPES = `
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE n.nspname = ANY ($1) AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND ${notOfExtension('pg_type', 't')}`;

/** What keeps a migration from standing in the way of everybody else; a session may set it otherwise. */
const OWNER_SETTINGS = {
  // All queries of a table queue behind a statement that waits to lock it.
  lock_timeout: '30s',
  // The server gives up the locks of a migration that was stopped; without, it notices when the statement ends.
  client_connection_check_interval: '2s',
};

const CURRENT_OID = '(SELECT oid FROM pg_roles WHERE rolname = current_user)';

/** The objects that the master made (before this construct managed the database) become the owner's. */
const HANDOVER = [
  `SELECT format('ALTER %s %I.%I OWNER TO %I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
     WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, $2::text) AS statement
   ${RELATIONS} AND c.relowner = ${CURRENT_OID} AND NOT EXISTS (SELECT FROM pg_depend d
     WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))`,
  `SELECT format('ALTER ROUTINE %I.%I(%s) OWNER TO %I', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), $2::text) AS statement
   ${ROUTINES} AND p.proowner = ${CURRENT_OID}`,
  `SELECT format('ALTER %s %I.%I OWNER TO %I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname, $2::text) AS statement
   ${TYPES} AND t.typowner = ${CURRENT_OID}`,
];

/** What the application may do with objects that exist already; those of strangers are left alone. */
const GRANTS = [
  `SELECT format('GRANT %s ON %s %I.%I TO %I', CASE c.relkind WHEN 'S' THEN 'USAGE, SELECT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
     CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, $2::text) AS statement
   ${RELATIONS} AND pg_has_role(c.relowner, 'USAGE')`,
  `SELECT format('GRANT EXECUTE ON ROUTINE %I.%I(%s) TO %I', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), $2::text) AS statement
   ${ROUTINES} AND pg_has_role(p.proowner, 'USAGE')`,
];

/** What the application may do with everything that a later migration creates. */
const DEFAULT_GRANTS = [
  'SELECT, INSERT, UPDATE, DELETE ON TABLES', 'USAGE, SELECT ON SEQUENCES', 'EXECUTE ON ROUTINES', 'USAGE ON TYPES', 'USAGE ON SCHEMAS',
];

/** The roles of one database, made and granted through a session of its master. Every method may run again. */
export class LoginRoles {
  public readonly names: RoleNames;

  constructor(private readonly master: Client, private readonly databaseName: string) {
    this.names = roleNames(databaseName);
  }

  /** Makes roles and rights, all or nothing; two runs at once wait for each other. */
  public async prepare(): Promise<void> {
    await this.master.query('BEGIN');
    try {
      await this.master.query('SELECT pg_advisory_xact_lock(hashtext($1))', [SESSION_NAME]);
      await this.createRoles();
      await this.grantDatabase();
      await this.grantSchemas();
      await this.master.query('COMMIT');
    } catch (error) {
      await this.master.query('ROLLBACK').catch(() => undefined);
      throw (error as { code?: string }).code === '42501' ? this.notAllowed(error as Error) : error;
    }
  }

  /** Gives a role a password, sent as its verifier so that no log of the server holds it. */
  public async changePassword(login: Login): Promise<void> {
    await this.master.query(`ALTER ROLE ${escapeIdentifier(login.username)} PASSWORD ${escapeLiteral(scramVerifier(login.password))}`);
  }

  /** How many sessions a role has, this function's own apart. */
  public async sessions(role: string): Promise<number> {
    const { rows } = await this.master.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = $1 AND application_name <> $2', [role, SESSION_NAME]);
    return rows[0].count;
  }

  private async createRoles(): Promise<void> {
    const { owner, access, logins } = this.names;
    const { rows } = await this.master.query<{ rolname: string; powerful: boolean; rolcanlogin: boolean }>(
      `SELECT rolname, rolcanlogin, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS powerful
       FROM pg_roles WHERE rolname = ANY ($1)`, [[owner, access, ...logins]]);
    for (const name of [owner, access, ...logins]) {
      const existing = rows.find(row => row.rolname === name);
      if (existing?.powerful) {
        throw new Error(`the role '${name}' exists already and may create roles or databases or pass by row security: `
          + 'rename it, or take these rights from it.');
      }
      const login = name === access ? 'NOLOGIN' : 'LOGIN';
      if (!existing) await this.master.query(`CREATE ROLE ${escapeIdentifier(name)} ${login}`);
      else if (existing.rolcanlogin !== (login === 'LOGIN')) await this.master.query(`ALTER ROLE ${escapeIdentifier(name)} ${login}`);
    }
    for (const [setting, value] of Object.entries(OWNER_SETTINGS)) {
      await this.master.query(`ALTER ROLE ${escapeIdentifier(owner)} SET ${setting} = ${escapeLiteral(value)}`);
    }
    // RDS's master is no superuser: it may only hand objects to, and set defaults for, a role that it is a member of.
    await this.master.query(`GRANT ${escapeIdentifier(owner)} TO CURRENT_USER`);
    await this.master.query(`GRANT ${escapeIdentifier(access)} TO ${logins.map(escapeIdentifier).join(', ')}`);
  }

  private async grantDatabase(): Promise<void> {
    const database = escapeIdentifier(this.databaseName);
    await this.master.query(`GRANT CONNECT, TEMPORARY, CREATE ON DATABASE ${database} TO ${escapeIdentifier(this.names.owner)}`);
    await this.master.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${escapeIdentifier(this.names.access)}`);
  }

  private async grantSchemas(): Promise<void> {
    const owner = escapeIdentifier(this.names.owner);
    const access = escapeIdentifier(this.names.access);
    const { rows } = await this.master.query<{ name: string; owner: string; ours: boolean }>(SCHEMAS);
    const publicSchema = rows.find(row => row.name === 'public');
    if (publicSchema && !publicSchema.ours) {
      throw new Error(`the schema 'public' belongs to '${publicSchema.owner}', and the master is no member of that role: `
        + `run GRANT "${publicSchema.owner}" TO the master, or ALTER SCHEMA public OWNER TO it.`);
    }

    const schemas = rows.filter(row => row.ours);
    // Up to PostgreSQL 14 everybody may create tables there.
    if (publicSchema) await this.master.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    for (const schema of schemas) {
      const name = escapeIdentifier(schema.name);
      if (schema.owner !== this.names.owner) await this.master.query(`ALTER SCHEMA ${name} OWNER TO ${owner}`);
      await this.master.query(`GRANT USAGE ON SCHEMA ${name} TO ${access}`);
    }

    const names = schemas.map(schema => schema.name);
    await this.runGenerated(HANDOVER, names, this.names.owner);
    await this.runGenerated(GRANTS, names, this.names.access);
    for (const rights of DEFAULT_GRANTS) {
      await this.master.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT ${rights} TO ${access}`);
    }
  }

  private async runGenerated(queries: string[], schemas: string[], role: string): Promise<void> {
    for (const query of queries) {
      const { rows } = await this.master.query<{ statement: string }>(query, [schemas, role]);
      if (rows.length > 0) await this.master.query(rows.map(row => row.statement).join(';\n'));
    }
  }

  private notAllowed(error: Error): Error {
    return new Error(`the master may not set up the roles of '${this.databaseName}': ${error.message}. `
      + 'It needs CREATEROLE, and must own the database or be a member of the role that does.');
  }
}
