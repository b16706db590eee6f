import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { addContacts, BASE, generateContacts, listCalls, optOutListOf } from '../../../../../test/rig/lists.ts';
import type { Caller } from '../../accounts/caller.ts';
import { readHistory } from '../../history/read-history.ts';
import type { ContactValues } from '../../lists/contact-fields.ts';
import { committer } from '../../messages/commit.ts';
import { messageIds } from '../../messages/ids.ts';
import { duplicateGuard } from '../../messages/throttle.ts';
import { openRates } from '../../pricing/rates.ts';
import { systemRandom } from '../../system.ts';
import { smsRoutes } from './routes.ts';
import type { SmsParts } from './send.ts';

const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let other: Caller;
let sms: SmsParts;
let call: ReturnType<typeof listCalls>['call'];
let close = () => {};

beforeAll(async () => {
  own = await openTestDatabase();
  [caller, other] = [await openAccount(own.db), await openAccount(own.db)];
  call = listCalls(own.db, clock).call;
  await setPrice(own.db, PRICE);
  const pool = own.db.enginePool;
  const log = () => {};
  const rates = await openRates({ pool, clock, channel: 'sms', log });
  close = () => rates.close();
  const commit = committer({ pool, clock, dispatcher: () => null, log });
  const newId = messageIds(clock, systemRandom);
  const links = { random: systemRandom, linkBase: () => 'https://acme.link' };
  sms = { pool, clock, newId, commit, guard: duplicateGuard(clock), policies: [], rates, sharedNumber: '', ...links };
});
afterAll(async () => {
  close();
  await own.close();
});
beforeEach(() => clock.advance(3_600_000));

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
type Answered = any;

async function ask(id: 'smsSend' | 'smsPrice', messages: object[], { key = null as string | null, who = caller } = {}) {
  const read = readCall(endpoints[id], { body: { messages } });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  const handler = smsRoutes(sms)[id] as (call: object) => Promise<{ data: unknown; replayed?: boolean }>;
  const { data, replayed } = await handler({ ...read.call, caller: who, idempotencyKey: key, depth: 0 });
  return { ...(endpoints[id].data.parse(data) as Answered), replayed };
}
const send = (messages: object[], options?: { key?: string | null; who?: Caller }) => ask('smsSend', messages, options);
const makeList = async (contacts: Partial<ContactValues>[] = [], who = caller): Promise<number> => {
  const { list_id: listId } = await call('listCreate', who, { body: { list_name: 'Regulars' } });
  await addContacts(own.db, who, listId, contacts);
  return listId;
};
const stored = async (): Promise<number> =>
  (await own.db.enginePool.query('select count(*) as n from messages where account_id = $1', [caller.accountId]))
    .rows[0].n;
const phone = (n: number) => `+614${String(20_000_000 + n)}`;

describe('a message to a list', () => {
  test(verifies('sms:list', 'goes to each number once, merged, with its own list_id and contact_id'), async () => {
    const listId = await makeList([
      { phone_number: phone(1), first_name: 'Mei', last_name: 'Okafor', custom_1: '(Last Name)' },
      { email: 'nobody@example.test', first_name: 'No phone' },
      { phone_number: phone(2), custom_1: '東京' },
      { phone_number: phone(1), first_name: 'Twin' },
    ]);
    const { data: contacts } = await call('contacts', caller, { params: { list_id: listId } });
    const body = 'Hi (First Name|friend) (Last Name), {CustomString1}.';
    const answer = await send([
      { list_id: listId, body, custom_string: 'may' },
      { to: phone(3), body: '(First Name)' },
    ]);
    const shown = answer.messages.map(({ to, body, list_id, contact_id, status, custom_string }: Answered) => {
      return [to, body, list_id, contact_id, status, custom_string];
    });
    expect(shown).toEqual([
      // What was merged in is not merged again.
      [phone(1), 'Hi Mei Okafor, (Last Name).', String(listId), String(contacts[0].contact_id), 'SUCCESS', 'may'],
      [phone(2), 'Hi friend , 東京.', String(listId), String(contacts[2].contact_id), 'SUCCESS', 'may'],
      [phone(3), '(First Name)', null, null, 'SUCCESS', ''],
    ]);
    expect(answer).toMatchObject({ total_count: 3, queued_count: 3 });
    expect(new Set(answer.messages.map((message: Answered) => message.message_id)).size).toBe(3);
  });

  test(verifies('sms:list', 'is priced by what is merged: each contact its own parts'), async () => {
    const listId = await makeList([
      { phone_number: phone(1), custom_1: 'x'.repeat(200) },
      { phone_number: phone(2), custom_1: 'short' },
    ]);
    for (const id of ['smsPrice', 'smsSend'] as const) {
      const answer = await ask(id, [{ list_id: String(listId), to: '', body: '(Cust. 1)' }]);
      expect(answer.messages.map((message: Answered) => message.message_parts)).toEqual([2, 1]);
      expect(answer.total_price).toBeCloseTo((PRICE * 3) / 1e6, 6);
      expect(answer.messages[0].contact_id).toMatch(/^\d+$/);
    }
  });

  test('with a number of its own goes there only', async () => {
    const listId = await makeList([{ phone_number: phone(1) }]);
    const answer = await send([{ to: phone(9), list_id: listId, body: 'x' }]);
    expect(answer.messages.map(({ to, list_id }: Answered) => [to, list_id])).toEqual([[phone(9), null]]);
  });

  test(verifies('contacts:opt-out', 'invariant:I7', 'leaves out who is on the Opt-Out list'), async () => {
    const listId = await makeList([{ phone_number: phone(50) }, { phone_number: phone(51) }]);
    const optOuts = await optOutListOf(own.db, caller);
    await call('contactCreate', caller, { params: { list_id: optOuts }, body: { phone_number: phone(50) } });
    const { messages } = await send([{ list_id: listId, body: 'x' }]);
    expect(messages.map(({ status }: Answered) => status)).toEqual(['INVALID_RECIPIENT', 'SUCCESS']);
  });

  test('that becomes nothing, or too long, is refused for that contact', async () => {
    const listId = await makeList([
      { phone_number: phone(1) },
      { phone_number: phone(2), custom_1: 'x'.repeat(1_000) },
      { phone_number: phone(3), custom_1: 'fine' },
    ]);
    const { messages } = await send([{ list_id: listId, body: '(Cust. 1)'.repeat(900) }]);
    expect(messages.map(({ status }: Answered) => status)).toEqual([
      'EMPTY_MESSAGE',
      'SOMETHING_IS_WRONG',
      'SOMETHING_IS_WRONG',
    ]);
    expect(messages[1].body).toHaveLength(10_000);
    const long = await send([{ list_id: listId, body: 'y'.repeat(10_001) }]);
    expect(long.messages).toMatchObject([{ status: 'SOMETHING_IS_WRONG', list_id: String(listId) }]);
  });
});

describe('a list that cannot be written to', () => {
  test(
    verifies(
      'sms:list-refused',
      'contacts:apart',
      'unknown, foreign or no list: an entry of its own, and the others go',
    ),
    async () => {
      const theirs = await makeList([{ phone_number: phone(1) }], other);
      const mine = await makeList([{ phone_number: phone(2) }]);
      const lists = [theirs, 999_999, '4294967296', '99999999999999999999', 'x', `1; drop table lists`, mine];
      const { messages } = await send(lists.map((list_id) => ({ list_id, body: 'x' })));
      expect(messages.map(({ status }: Answered) => status)).toEqual([
        ...Array.from({ length: 6 }, () => 'NOT_ENOUGH_PERMISSION_TO_LIST_ID'),
        'SUCCESS',
      ]);
      expect(messages[0]).toMatchObject({ to: '', list_id: String(theirs), message_price: '0.0000' });
      const price = await ask('smsPrice', [{ list_id: theirs, body: 'x' }]);
      expect(price.messages).toMatchObject([{ status: 'NOT_ENOUGH_PERMISSION_TO_LIST_ID', to: '' }]);
    },
  );

  test(verifies('sms:list-refused', 'without anybody to text: an entry that says so'), async () => {
    const empty = await makeList([{ email: 'a@b.example' }]);
    const { messages } = await send([{ list_id: empty, body: 'x' }]);
    expect(messages).toMatchObject([{ status: 'INVALID_RECIPIENT', list_id: String(empty) }]);
    const { rows } = await own.db.enginePool.query('select words from messages where list_id = $1', [empty]);
    expect(rows).toEqual([{ words: `List ${empty} has no contact with a phone number.` }]);
  });

  test(verifies('sms:list-refused', 'a key that may not read contacts learns nothing of them'), async () => {
    const listId = await makeList([{ phone_number: phone(1) }]);
    const who = { ...caller, scopes: ['sms:send', 'sms:read'] };
    for (const id of ['smsPrice', 'smsSend'] as const) {
      const { messages } = await ask(id, [{ list_id: listId, body: 'x' }], { who });
      expect(messages).toMatchObject([{ status: 'NOT_ENOUGH_PERMISSION_TO_LIST_ID', to: '' }]);
    }
  });

  test('keeps its own fault, and is not read for it', async () => {
    const listId = await makeList([{ phone_number: phone(1) }, { phone_number: phone(2) }]);
    const { messages } = await send([
      { list_id: listId, body: '' },
      { list_id: listId, body: 'x', schedule: 'soon' },
    ]);
    expect(messages.map(({ status }: Answered) => status)).toEqual(['EMPTY_MESSAGE', 'INVALID_SCHEDULE']);
  });
});

describe('too many', () => {
  test(
    verifies('sms:list-too-many', 'invariant:I11', '1,000 go, 1,001 are refused and nothing is stored'),
    async () => {
      const listId = await makeList();
      await generateContacts(own.db, caller, listId, 999);
      const fits = await send([
        { list_id: listId, body: 'x' },
        { to: phone(1), body: 'x' },
      ]);
      expect(fits).toMatchObject({ total_count: 1_000, queued_count: 1_000 });
      clock.advance(3_600_000);
      const before = await stored();
      const toos = [
        [
          { list_id: listId, body: 'x' },
          { to: phone(1), body: 'x' },
          { to: phone(2), body: 'x' },
        ],
        [
          { list_id: listId, body: 'x' },
          { list_id: listId, body: 'y' },
        ],
      ];
      for (const messages of toos) {
        for (const id of ['smsPrice', 'smsSend'] as const) {
          await expect(ask(id, messages)).rejects.toMatchObject({
            kind: 'too-many-recipients',
            fields: { messages: expect.stringContaining('1000') },
          });
        }
      }
      expect(await stored()).toBe(before);
    },
  );

  test(verifies('sms:list-too-many', 'a number a thousand times is one'), async () => {
    const listId = await makeList(Array.from({ length: 4_500 }, (_, i) => ({ phone_number: phone(i % 3) })));
    expect(await send([{ list_id: listId, body: 'once' }])).toMatchObject({ total_count: 3, queued_count: 3 });
  });
});

describe('a repeated key', () => {
  test(
    verifies(
      'sms:list-replay',
      'invariant:I4',
      'answers as the first call did, though the list has changed, grown or gone',
    ),
    async () => {
      const listId = await makeList([{ phone_number: phone(1), first_name: 'Mei' }, { phone_number: phone(2) }]);
      const messages = [{ list_id: listId, body: 'Hi (First Name)' }];
      const first = await send(messages, { key: 'once' });
      expect(first.replayed).toBe(false);
      const replay = async () => expect(await send(messages, { key: 'once' })).toEqual({ ...first, replayed: true });
      const [contact] = (await call('contacts', caller, { params: { list_id: listId } })).data;
      await call('contactUpdate', caller, {
        params: { list_id: listId, contact_id: contact.contact_id },
        body: { first_name: 'Ana' },
      });
      await replay();
      await generateContacts(own.db, caller, listId, 1_500);
      await replay();
      await call('listDelete', caller, { params: { list_id: listId } });
      await replay();
      const another = send([{ list_id: listId, body: 'other' }], { key: 'once' });
      await expect(another).rejects.toMatchObject({ kind: 'key-reused' });
      const { rows } = await own.db.enginePool.query('select count(*) as n from messages where list_id = $1', [listId]);
      expect(rows[0].n).toBe(2);
    },
  );

  test(verifies('sms:list-replay', 'invariant:I4', 'used twice at once sends once'), async () => {
    const listId = await makeList([{ phone_number: phone(70) }, { phone_number: phone(71) }]);
    const messages = [{ list_id: listId, body: 'x' }];
    const answers = await Promise.all([1, 2, 3].map(() => send(messages, { key: 'race' })));
    expect(new Set(answers.map(({ messages: [message] }) => message.message_id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });
});

describe('history', () => {
  test(verifies('sms:list-names', 'shows the names of the contact, as they are now'), async () => {
    const listId = await makeList([
      { phone_number: phone(80), first_name: 'Mei', last_name: 'Okafor' },
      { phone_number: phone(81) },
    ]);
    await send([
      { list_id: listId, body: 'x' },
      { to: phone(82), body: 'x', contact_id: '99999999999 or 1=1' },
    ]);
    const history = async (q: string) => {
      const read = readCall(endpoints.smsHistory, { query: { q } });
      if (!read.ok) throw new Error(JSON.stringify(read.fields));
      const { data } = await readHistory({ db: own.db, clock, publicUrl: () => BASE }, caller, read.call.query);
      return endpoints.smsHistory.data.parse(data).data.map((row) => [row.to, row.first_name, row.last_name]);
    };
    const named = [
      [phone(80), 'Mei', 'Okafor'],
      [phone(81), null, null],
    ];
    expect(await history(`list_id:${listId}`)).toEqual(named);
    expect(await history(`to:${phone(82)}`)).toEqual([[phone(82), null, null]]);
    await call('listDelete', caller, { params: { list_id: listId } });
    expect(await history(`to:${phone(80)}`)).toEqual([[phone(80), null, null]]);
  });
});
