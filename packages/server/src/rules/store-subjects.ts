import { texts } from '../db/arrays.ts';
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

/** Contacts of a list with a phone number, oldest first after `after`; but not `except`. One number may be several contacts'. */
export async function membersAfter(
  run: Runner,
  list: { accountId: number; listId: number },
  { after, except, limit }: { after: number; except: string; limit: number },
): Promise<Member[]> {
  const { rows } = await run.query<Member>({
    name: 'list-members-after',
    text: `select c.contact_id, c.phone_number from contacts c
      where c.account_id = $1 and c.list_id = $2 and c.contact_id > $3 and c.phone_number is not null and c.phone_number <> $4
      order by c.contact_id limit $5`,
    values: [list.accountId, list.listId, after, except, limit],
  });
  return rows;
}

/** Those of these numbers that a message with this custom_string and source has gone to, or was refused for. */
export async function servedAmong(
  run: Runner,
  of: { accountId: number; customString: string; source: string },
  numbers: readonly string[],
): Promise<Set<string>> {
  const { rows } = await run.query<{ recipient: string }>({
    name: 'served-among',
    text: `select w.number as recipient from unnest($4::text[]) as w(number)
      where exists (select from messages m where m.recipient = w.number and m.account_id = $1 and m.custom_string = $2 and m.source = $3)`,
    values: [of.accountId, of.customString, of.source, texts(numbers)],
  });
  return new Set(rows.map(({ recipient }) => recipient));
}
