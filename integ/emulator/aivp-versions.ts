import * as fs from 'fs';
import * as path from 'path';
import { REPOSITORY } from './python';

const API = path.join(REPOSITORY, 'examples/aivp/api');

/** How a version's source differs from the example's: new text by path, or a change of what is there. */
type Changes = { readonly [file: string]: string | ((source: string) => string) };

/** A migration that follows another one. */
function migration(id: string, before: string, upgrade: string, downgrade: string): string {
  const indent = (code: string) => code.trim().split('\n').map(line => `    ${line.trimEnd()}`).join('\n');
  return `"""A drill."""

import sqlalchemy as sa
from alembic import op

revision = "${id}"
down_revision = "${before}"


def upgrade() -> None:
${indent(upgrade)}


def downgrade() -> None:
${indent(downgrade)}
`;
}

const file = (id: string) => `migrations/versions/${id}_drill.py`;

const NICKNAME = { [file('0002')]: migration('0002', '0001', 'op.add_column("users", sa.Column("nickname", sa.Text()))', 'op.drop_column("users", "nickname")') };

const AGE = {
  ...NICKNAME,
  [file('0003')]: migration('0003', '0002', 'op.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS age integer")', 'op.drop_column("users", "age")'),
};

const brokenCache = (source: string) => source.replace('return healthy("redis", started)', 'return unhealthy("redis", "broken in this version")');

/** What a team may release, well and badly: each a change of examples/aivp. */
export const VERSIONS: { readonly [tag: string]: Changes } = {
  'v1': {},
  /** Expands the schema, and works. */
  'v2': NICKNAME,
  /** Fails half-way, and PostgreSQL takes the first half back. */
  'v3-transactional': {
    ...NICKNAME,
    [file('0003')]: migration('0003', '0002', 'op.add_column("users", sa.Column("age", sa.Integer()))\nop.execute("SELECT 1 / 0")', 'pass'),
  },
  /** Fails half-way, and the first half stays. */
  'v3-half': {
    ...NICKNAME,
    [file('0003')]: migration('0003', '0002', `
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS half integer")
op.execute("SELECT 1 / 0")`, 'pass'),
  },
  /** Waits for a lock for ever, while it holds another one. */
  'v3-hanging': {
    ...NICKNAME,
    [file('0003')]: migration('0003', '0002', `
op.execute("SET lock_timeout = 0")
op.create_table("held", sa.Column("id", sa.Integer()))
op.execute("LOCK TABLE alembic_version IN SHARE MODE")
op.add_column("users", sa.Column("age", sa.Integer()))`, 'pass'),
  },
  /** Migrates, and answers one of its tests with an error. */
  'v3-untested': {
    ...NICKNAME,
    [file('0003')]: migration('0003', '0002', 'op.add_column("users", sa.Column("age", sa.Integer()))', 'op.drop_column("users", "age")'),
    'aivp/health.py': brokenCache,
  },
  /** Good ones after all these. */
  'v4': AGE,
  'v5': AGE,
  'v6': AGE,
};

/** Lays out the source of a version, as its image would hold it, and answers where. */
export function layOut(tag: string, directory: string): string {
  const target = path.join(directory, 'versions', tag);
  fs.cpSync(API, target, { recursive: true, filter: source => !source.includes('__pycache__') });
  for (const [name, change] of Object.entries(VERSIONS[tag])) {
    const full = path.join(target, name);
    const source = typeof change === 'string' ? change : change(fs.readFileSync(full, 'utf8'));
    if (fs.existsSync(full) && fs.readFileSync(full, 'utf8') === source) throw new Error(`${tag} changes nothing in ${name}`);
    fs.writeFileSync(full, source);
  }
  return target;
}
