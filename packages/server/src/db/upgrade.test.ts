import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { withClient } from './with-client.ts';

let own: TestDatabase;
let folder: string;
beforeEach(async () => {
  own = await openTestDatabase({ empty: true });
  folder = await mkdtemp(join(tmpdir(), 'veredus-upgrade-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await own.close();
});

const parts = { clock: { now: () => 1, monotonic: () => 0, after: () => () => {} }, log: () => {} };
const query = (text: string) => withClient(own.url, async (client) => (await client.query(text)).rows);

/** The database as the release with migrations up to `last` left it. */
async function released(last: number): Promise<void> {
  for (const name of await readdir(MIGRATIONS)) {
    if (Number(name.slice(0, 4)) <= last) await cp(join(MIGRATIONS, name), join(folder, name));
  }
  await migrate(own.url, { ...parts, folder });
}

test('texts that came before there were rules can be polled, each whole and once; no rule is due for them', async () => {
  await released(2);
  await query(`
    insert into accounts (account_id, name, country, currency, timezone, created_at) overriding system value
      values (1, 'a', 'AU', 'AUD', 'UTC', 0);
    insert into carriers (carrier_id, name) overriding system value values (1, 'c');
    insert into inbound_messages (id, account_id, carrier_id, received_at, sender, recipient, body, part_reference, part_number, part_of,
      opt_out_read_at, answers_id)
    select ('00000000-0000-7000-8000-00000000000' || n)::uuid, account_id, 1, n * 10, '+614', '+615', body, reference, number, of, read_at, answers::uuid
    from (values
      (1, 1, 'plain', null, null, null, 5, '00000000-0000-7000-8000-0000000000aa'),
      (2, 1, ' world', 7, 2, 2, 6, null), (3, 1, 'hello', 7, 1, 2, 6, null),
      (4, 1, 'again ', 7, 1, 2, 9, null), (5, 1, 'and again', 7, 2, 2, 9, null),
      (6, 1, 'only half', 8, 1, 2, 9, null),
      (7, null, 'for nobody', null, null, null, 9, null),
      (8, 1, 'not read yet', null, null, null, null, null)
    ) as v(n, account_id, body, reference, number, of, read_at, answers)`);
  await migrate(own.url, parts);
  const texts = await query(
    'select account_id, body, whole, polled, read_at, rules_at, received_at from inbound_texts order by id',
  );
  const row = { account_id: 1, polled: true, read_at: null };
  expect(texts).toEqual([
    { ...row, body: 'plain', whole: true, rules_at: '5', received_at: '10' },
    { ...row, body: 'hello world', whole: true, rules_at: '6', received_at: '20' },
    { ...row, body: 'again and again', whole: true, rules_at: '9', received_at: '40' },
    { ...row, body: 'only half', whole: false, rules_at: '9', received_at: '60' },
  ]);
});
