import type { Caller } from '../accounts/caller.ts';
import { asAccountClient } from '../db/runner.ts';
import { CONTACT_FIELDS, type ContactField, fieldNamed } from './contact-fields.ts';
import { lockAll } from './contacts.ts';
import { type ListParts, theList } from './lists.ts';
import { refuseField } from './refusals.ts';
import { deleteDuplicates, deleteNamedBy } from './store-clean.ts';

/**
 * Deletes all but the oldest of contacts that are alike in all these fields.
 * @throws Refusal not-found, and bad-request for a name that is no field.
 */
export async function removeDuplicates(
  { db }: ListParts,
  caller: Caller,
  listId: number,
  names: readonly string[],
): Promise<{ deleted: number }> {
  const fields = fieldsNamed(names);
  return asAccountClient(db, caller.accountId, async (client) => {
    const list = await theList(client, caller, listId);
    if (list.is_opt_out && !fields.includes('phone_number')) {
      const words = 'On the Opt-Out list fields must hold phone_number: who leaves it may be written to again.';
      throw refuseField('fields', words);
    }
    await lockAll(client, caller.accountId, [listId]);
    return { deleted: await deleteDuplicates(client, caller.accountId, listId, fields) };
  });
}

function fieldsNamed(names: readonly string[]): ContactField[] {
  const fields = new Set<ContactField>();
  for (const name of names) {
    const field = fieldNamed(name);
    if (!field) {
      throw refuseField('fields', `fields: "${name.slice(0, 40)}" is none; there are ${CONTACT_FIELDS.join(', ')}.`);
    }
    fields.add(field);
  }
  return [...fields];
}

/** Deletes from a list whom an opt-out list names. @throws Refusal not-found, and bad-request where that is the same list. */
export async function removeOptedOut(
  { db }: ListParts,
  caller: Caller,
  listId: number,
  optOutListId: number,
): Promise<{ deleted: number }> {
  return asAccountClient(db, caller.accountId, async (client) => {
    const list = await theList(client, caller, listId);
    await theList(client, caller, optOutListId);
    if (list.is_opt_out || listId === optOutListId) {
      const words =
        'list_id must be the list to clean, and not the opt-out list itself: that would let all of it in again.';
      throw refuseField('list_id', words);
    }
    await lockAll(client, caller.accountId, [listId]);
    return { deleted: await deleteNamedBy(client, caller.accountId, listId, optOutListId) };
  });
}
