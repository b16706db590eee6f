import type pg from 'pg';
import { StartRefused } from './start-refused.ts';

interface RoleState {
  rolsuper: boolean;
  rolbypassrls: boolean;
  member: boolean;
}

/** From PostgreSQL 16 on, the maker of a role is a member of it who may not act as it without a grant of its own. */
const ROLE_STATE = `
  select rolsuper, rolbypassrls,
    pg_has_role(session_user, oid, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) as member
  from pg_roles where rolname = $1`;

const WANTED = [
  { name: 'veredus_app', bypass: false, attributes: 'nologin nosuperuser nobypassrls' },
  { name: 'veredus_engine', bypass: true, attributes: 'nologin nosuperuser bypassrls' },
];

/**
 * Makes the two roles that work in the database and lets the connecting user act as them. Roles belong to the whole
 * server, so another database's node may be making them at the same moment.
 * @throws StartRefused with the statements for an administrator when the user may not, or when a role of that name
 * has rights that would undo the separation of accounts.
 */
export async function ensureRoles(client: pg.Client): Promise<void> {
  try {
    for (const role of WANTED) await onceMore(() => ensureRole(client, role));
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    const { rows } = await client.query<{ name: string }>('select quote_ident(session_user) as name');
    const create = WANTED.map(({ name, attributes }) => `CREATE ROLE ${name} ${attributes.toUpperCase()};`);
    throw new StartRefused(
      `The user of DATABASE_URL may not make the roles that keep accounts apart; an administrator must run once, leaving out what exists: ${create.join(' ')} GRANT veredus_app, veredus_engine TO ${rows[0]?.name};`,
    );
  }
}

async function ensureRole(client: pg.Client, wanted: (typeof WANTED)[number]): Promise<void> {
  const existing = await client.query<RoleState>(ROLE_STATE, [wanted.name]);
  const role = existing.rows[0];
  if (role === undefined) await client.query(`create role ${wanted.name} ${wanted.attributes}`);
  else if (role.rolsuper || role.rolbypassrls !== wanted.bypass) {
    throw new StartRefused(
      `The database role ${wanted.name} has other rights than Veredus needs; an administrator must run: ALTER ROLE ${wanted.name} ${wanted.attributes.toUpperCase()};`,
    );
  }
  if (!role?.member) await client.query(`grant ${wanted.name} to session_user`);
}

const INSUFFICIENT_PRIVILEGE = '42501';
/** duplicate_object, duplicate_table, unique_violation (of a catalogue), "tuple concurrently updated". */
const RACES = new Set(['42710', '42P07', '23505', 'XX000']);

/** Runs a catalogue statement again when another session was doing the same: then it is there. */
export async function onceMore<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries === 5 || !RACES.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
