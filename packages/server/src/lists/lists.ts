import { LIST_NAME_LIMIT, LISTS_PER_ACCOUNT } from '@veredus/contract/endpoints/lists';
import { makeLinkedPage } from '@veredus/contract/linked-page';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient, inSnapshotAs, type Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { Refusal } from '../refusal.ts';
import { noSuchList, refuseField } from './refusals.ts';
import { type ShownList, showList } from './show.ts';
import {
  countListsLocked,
  deleteList,
  findList,
  findListPage,
  insertList,
  type ListRow,
  openCampaign,
  renameList,
  takeList,
} from './store-lists.ts';

export interface ListParts {
  db: Database;
  clock: Clock;
  random: Random;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

/** One page may not keep a connection for longer. */
export const PAGE_LIMIT_MS = 10_000;

/** The lists of the account, oldest first, its Opt-Out list among them. */
export async function pageOfLists(parts: ListParts, caller: Caller, query: { page: number; limit: number }) {
  const { page, limit } = query;
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await inSnapshotAs(parts.db, caller.accountId, PAGE_LIMIT_MS, (client) =>
    findListPage(client, caller.accountId, slice),
  );
  const url = new URL(`${parts.publicUrl()}/v3/lists`);
  if (limit !== 15) url.searchParams.set('limit', String(limit));
  return makeLinkedPage({ total, page, limit, rows: rows.map(showList), url: url.href });
}

/** @throws Refusal not-found */
export async function readList({ db }: Pick<ListParts, 'db'>, caller: Caller, listId: number): Promise<ShownList> {
  return showList(await asAccountClient(db, caller.accountId, (client) => theList(client, caller, listId)));
}

export async function theList(run: Runner, { accountId }: Pick<Caller, 'accountId'>, listId: number): Promise<ListRow> {
  const list = await findList(run, accountId, listId);
  if (!list) throw noSuchList(listId);
  return list;
}

/**
 * Makes a list. Names are cut, not refused, and may be there twice, as on ClickSend.
 * @throws Refusal bad-request where the account has all the lists it may have.
 */
export async function createList(parts: ListParts, caller: Caller, name: string): Promise<ShownList> {
  const { accountId } = caller;
  return asAccountClient(parts.db, accountId, async (client) => {
    if ((await countListsLocked(client, accountId)) >= LISTS_PER_ACCOUNT) {
      throw refuseField(
        'list_name',
        `This account has ${LISTS_PER_ACCOUNT} lists, which is as many as it may have. Delete one it no longer needs.`,
      );
    }
    const emailId = newEmailId(parts.random);
    const list = { accountId, name: nameOf(name), emailId, at: parts.clock.now() };
    return showList(await theList(client, caller, await insertList(client, list)));
  });
}

/** @throws Refusal not-found, and bad-request for the Opt-Out list. */
export async function updateList({ db }: ListParts, caller: Caller, listId: number, name: string): Promise<ShownList> {
  return asAccountClient(db, caller.accountId, async (client) => {
    const list = await theList(client, caller, listId);
    if (list.is_opt_out) throw keepsOptOuts('renamed');
    await renameList(client, caller.accountId, listId, nameOf(name));
    return showList(await theList(client, caller, listId));
  });
}

/**
 * Deletes a list with all its contacts, in one transaction: all of it or nothing.
 * @throws Refusal not-found, and bad-request for the Opt-Out list and for one that a campaign or an import needs.
 */
export async function removeList({ db }: ListParts, caller: Caller, listId: number): Promise<void> {
  await asAccountClient(db, caller.accountId, async (client) => {
    const list = await takeList(client, caller.accountId, listId);
    if (!list) throw noSuchList(listId);
    if (list.is_opt_out) throw keepsOptOuts('deleted');
    if (list.importing) {
      throw new Refusal(
        'bad-request',
        `An import into list ${listId} is under way. Delete the list once it has ended.`,
      );
    }
    const campaign = await openCampaign(client, caller.accountId, listId);
    if (campaign) {
      const named = `Campaign ${campaign.campaign_id} ("${campaign.name}")`;
      throw new Refusal(
        'bad-request',
        `${named} goes to list ${listId} and has not ended. Cancel it, or delete the list later.`,
      );
    }
    await deleteList(client, caller.accountId, listId);
  });
}

function keepsOptOuts(done: string): Refusal {
  const words = `The Opt-Out list holds those who must not be written to, and cannot be ${done}.`;
  return new Refusal('bad-request', words, { fields: { list_id: words } });
}

/** Cut by characters, so that none is cut in half; empty names were refused before. */
function nameOf(name: string): string {
  return [...storable(name).trim()].slice(0, LIST_NAME_LIMIT).join('').trim();
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function newEmailId(random: Random): string {
  return Array.from(random.bytes(16), (byte) => LETTERS[byte % LETTERS.length]).join('');
}
