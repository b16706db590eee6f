import type { Endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import { findList, lockLists } from '../lists/store-lists.ts';
import { Refusal } from '../refusal.ts';
import { type ImportPath, keyOf, notThere, showImport } from './read-imports.ts';
import { cancelImport, deleteImported, findImport, type ImportKey, markUndone } from './store.ts';

export interface EndParts {
  db: Database;
  clock: Clock;
}

/** Contacts that one transaction removes, so that nobody waits long for the list. */
const UNDO_CHUNK = 5_000;

/** Stops an import that is not over: from then on it adds no row. One that is over stays as it is. */
export async function stopImport(
  { db, clock }: EndParts,
  caller: Caller,
  path: ImportPath,
): Promise<Answer<Endpoints['listImportCancel']>> {
  const key = keyOf(caller, path);
  return asAccountClient(db, caller.accountId, async (client) => {
    const cancelled = await cancelImport(client, key, clock.now());
    const row = (await findImport(client, key)) ?? notThere(path);
    return { data: showImport(row), words: cancelled ? 'Import cancelled.' : 'The import was over already.' };
  });
}

/**
 * Removes what an import added, as far as it is still in its list. Broken off, it goes on when it is called again.
 *
 * @throws Refusal in-progress while it is under way, bad-request for opt-outs.
 */
export async function undoImport(
  { db, clock }: EndParts,
  caller: Caller,
  path: ImportPath,
): Promise<Answer<Endpoints['listImportUndo']>> {
  const key = keyOf(caller, path);
  await asAccountClient(db, caller.accountId, async (client) => {
    const row = (await findImport(client, key)) ?? notThere(path);
    if (row.done_at === null) {
      throw new Refusal('in-progress', 'The import is under way: cancel it first, then undo what it has added.');
    }
    const list = await findList(client, key.accountId, key.listId);
    if (list?.is_opt_out) throw new Refusal('bad-request', OPTED_OUT);
  });
  const deleted = await deleteAll(db, key);
  await asAccountClient(db, caller.accountId, (client) => markUndone(client, key, clock.now()));
  return { data: { deleted }, words: 'Import undone.' };
}

const OPTED_OUT =
  'An import into the Opt-Out list is no list of contacts but of people who do not want messages: remove those who asked for it one by one.';

async function deleteAll(db: Database, key: ImportKey): Promise<number> {
  let deleted = 0;
  for (;;) {
    const some = await asAccountClient(db, key.accountId, async (client) => {
      // Before its contacts, as everybody does who changes both.
      await lockLists(client, key.accountId, [key.listId]);
      return deleteImported(client, key, UNDO_CHUNK);
    });
    deleted += some;
    if (some < UNDO_CHUNK) return deleted;
  }
}
