import type { Runner } from '../db/runner.ts';

/** A contact that can be texted, with what may be merged into the text. */
export interface ListRecipient {
  contact_id: number;
  phone_number: string;
  first_name: string | null;
  last_name: string | null;
  custom_1: string | null;
  custom_2: string | null;
  custom_3: string | null;
  custom_4: string | null;
}

const CHUNK = 2_000;

/**
 * The contacts of a list with a phone number, oldest first and each number once; reading ends where `most` are found. A list
 * that says the same number over and over is read in chunks, so no more than one and what was found is held.
 */
export async function listRecipients(
  run: Runner,
  accountId: number,
  listId: number,
  most: number,
): Promise<ListRecipient[]> {
  const found = new Map<string, ListRecipient>();
  for (let lastId = 0; ; ) {
    const { rows } = await run.query<ListRecipient>({
      name: 'list-recipients',
      text: `select contact_id, phone_number, first_name, last_name, custom_1, custom_2, custom_3, custom_4
        from contacts where account_id = $1 and list_id = $2 and contact_id > $3 and phone_number is not null
        order by contact_id limit $4`,
      values: [accountId, listId, lastId, CHUNK],
    });
    for (const row of rows) {
      if (found.has(row.phone_number)) continue;
      found.set(row.phone_number, row);
      if (found.size >= most) return [...found.values()];
    }
    if (rows.length < CHUNK) return [...found.values()];
    lastId = rows.at(-1)!.contact_id;
  }
}
