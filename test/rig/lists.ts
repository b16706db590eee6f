import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import type { Caller } from '@veredus/server/accounts/caller';
import type { Database } from '@veredus/server/db/db';
import { CONTACT_FIELDS, type ContactValues } from '@veredus/server/lists/contact-fields';
import { contactRoutes, listRoutes, searchRoutes } from '@veredus/server/lists/routes';
import { insertContacts } from '@veredus/server/lists/store-contacts';
import { systemRandom } from '@veredus/server/system';
import { type HandClock, handClock } from './hand-clock.ts';

export const BASE = 'https://msg.example.test';

interface Raw {
  params?: unknown;
  query?: unknown;
  body?: unknown;
}
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
type Answered = any;

/** The calls of lists, contacts and search as the door makes them: read by their schemas, and their answers held to these. */
export function listCalls(db: Database, clock: HandClock = handClock()) {
  const parts = { db, clock, random: systemRandom, publicUrl: () => BASE };
  const handlers = { ...listRoutes(parts), ...contactRoutes(parts), ...searchRoutes(parts) };
  const call = async (id: keyof typeof handlers, caller: Caller, raw: Raw = {}): Promise<Answered> => {
    const read = readCall(endpoints[id], raw);
    if (!read.ok) throw Object.assign(new Error('unreadable'), { kind: 'unreadable', fields: read.fields });
    const handler = handlers[id] as (call: object) => Promise<{ data: unknown }>;
    const { data } = await handler({ ...read.call, caller, idempotencyKey: null, depth: 0 });
    return endpoints[id].data.parse(data);
  };
  return { clock, call };
}

/** The account's own Opt-Out list. */
export async function optOutListOf(db: Database, caller: Caller): Promise<number> {
  const { rows } = await db.enginePool.query('select list_id from lists where account_id = $1 and is_opt_out', [
    caller.accountId,
  ]);
  return rows[0].list_id;
}

export const someone = (values: Partial<ContactValues>): ContactValues =>
  ({ ...Object.fromEntries(CONTACT_FIELDS.map((field) => [field, null])), ...values }) as ContactValues;

/** Contacts put into a list as an import puts them. Answers their ids. */
export function addContacts(
  db: Database,
  caller: Caller,
  listId: number,
  contacts: readonly Partial<ContactValues>[],
): Promise<number[]> {
  const into = { accountId: caller.accountId, listId, importId: null, at: 0 };
  return insertContacts(db.enginePool, into, contacts.map(someone));
}

/** So many contacts made in the database: +61400000001, … */
export async function generateContacts(db: Database, caller: Caller, listId: number, count: number): Promise<void> {
  await db.enginePool.query(
    `insert into contacts (account_id, list_id, created_at, updated_at, phone_number, first_name)
     select $1, $2, n, n, '+614' || lpad(n::text, 8, '0'), 'Person ' || n from generate_series(1, $3::integer) n`,
    [caller.accountId, listId, count],
  );
}

/** A contact with something in every field, some of it hostile. */
export const WHOLE_CONTACT = {
  phone_number: '+61411111111',
  first_name: 'Mei',
  last_name: 'Okafor',
  email: 'mei@example.test',
  fax_number: '+61292611111',
  organization_name: 'Okafor & Söhne',
  address_line_1: '1 High Street',
  address_line_2: 'Flat 2',
  address_city: 'Sydney',
  address_state: 'NSW',
  address_postal_code: '2000',
  address_country: 'AU',
  custom_1: 'sourdough',
  custom_2: '東京',
  custom_3: `'; drop table contacts; --`,
  custom_4: '%_\\',
};
