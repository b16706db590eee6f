import type { Runner } from '../db/runner.ts';
import { type InboundText, TEXT_COLUMNS, TEXT_SOURCE } from '../inbound/store-texts.ts';

/** The text an action is about, with what it must know of the message that was answered. */
export interface ActedText extends InboundText {
  /** Null = it answers no message. */
  answered_sender: string | null;
  answered_shared: boolean | null;
  answered_list: number | null;
}

export async function findActedText(run: Runner, accountId: number, id: string): Promise<ActedText | null> {
  const { rows } = await run.query<ActedText>({
    name: 'find-acted-text',
    text: `select ${TEXT_COLUMNS}, m.sender as answered_sender, m.shared_sender as answered_shared, m.list_id as answered_list
      from ${TEXT_SOURCE} where t.account_id = $1 and t.id = $2`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}

export interface Member {
  contact_id: number;
  phone_number: string;
}

/**
 * Contacts of a list with a phone number, oldest first after `after`, each number once (as its oldest contact); but not
 * `except`.
 */
export async function membersAfter(
  run: Runner,
  list: { accountId: number; listId: number },
  { after, except, limit }: { after: number; except: string; limit: number },
): Promise<Member[]> {
  const { rows } = await run.query<Member>({
    name: 'list-members-after',
    text: `select c.contact_id, c.phone_number from contacts c
      where c.account_id = $1 and c.list_id = $2 and c.contact_id > $3 and c.phone_number is not null and c.phone_number <> $4
        and not exists (select from contacts e where e.account_id = c.account_id and e.phone_number = c.phone_number
          and e.list_id = c.list_id and e.contact_id < c.contact_id)
      order by c.contact_id limit $5`,
    values: [list.accountId, list.listId, after, except, limit],
  });
  return rows;
}
