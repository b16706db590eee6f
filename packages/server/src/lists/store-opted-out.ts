import { texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { CONTACT_FIELDS, type ContactValues } from './contact-fields.ts';

const FIELDS = CONTACT_FIELDS.join(', ');
const ARRAYS = CONTACT_FIELDS.map((_, i) => `$${i + 4}::text[]`).join(', ');
const CHANGES = CONTACT_FIELDS.filter((field) => field !== 'phone_number').map(
  (field) => `${field} = coalesce(w.${field}, c.${field})`,
);

/**
 * `offset 0`: each number is looked up in the index on it, see suppression/store-opt-out-list.ts. `any`, though the join says
 * as much: without it a list that has just grown is read once for each contact. Of a number's rows the last counts.
 */
const COMPLETE = `
with w as materialized (
  select known.contact_id, named.* from (
    select distinct on (phone_number) * from unnest(${ARRAYS}) with ordinality as row(${FIELDS}, ord) order by phone_number, ord desc
  ) named cross join lateral (
    select contact_id, list_id from contacts where account_id = $1 and phone_number = named.phone_number offset 0
  ) known where known.list_id = $2
)
update contacts c set updated_at = $3, ${CHANGES.join(', ')}
from w where c.account_id = $1 and c.list_id = $2 and c.contact_id = any(array(select contact_id from w)) and c.contact_id = w.contact_id`;

/** Adds what else is known of people to their contacts on a list, found by their numbers. The caller holds a lock of the list. */
export async function completeContacts(
  run: Runner,
  on: { accountId: number; listId: number; at: number },
  contacts: readonly ContactValues[],
): Promise<void> {
  if (contacts.length === 0) return;
  await run.query({
    name: 'complete-contacts',
    text: COMPLETE,
    values: [
      ...[on.accountId, on.listId, on.at],
      ...CONTACT_FIELDS.map((field) => texts(contacts.map((contact) => contact[field]))),
    ],
  });
}
