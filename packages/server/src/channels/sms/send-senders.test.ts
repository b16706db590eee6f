import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { addContacts, listCalls } from '../../../../../test/rig/lists.ts';
import { type Answered, openSmsCalls, type SmsCalls } from '../../../../../test/rig/sms-calls.ts';
import type { Caller } from '../../accounts/caller.ts';
import { addNumber } from '../../senders/store.ts';

const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let calls: SmsCalls;

const [AU, NZ, US] = ['+61411111111', '+64211234567', '+14055555555'];
const MINE = '+61422222222';
const FOREIGN = '+61433333333';

beforeAll(async () => {
  own = await openTestDatabase();
  caller = await openAccount(own.db);
  const other = await openAccount(own.db);
  await setPrice(own.db, PRICE);
  await addNumber(own.db.enginePool, caller.accountId, MINE, 0);
  await addNumber(own.db.enginePool, other.accountId, FOREIGN, 0);
  calls = await openSmsCalls(own.db, clock);
});
afterAll(async () => {
  calls.close();
  await own.close();
});
beforeEach(() => clock.advance(3_600_000));

const choice = (country: string, sender_id: string | null, more = {}) => {
  return { recipient_country_code: country, sender_id, ...more };
};
/** Sender and status of each message, the same by price and by send. */
async function sendersOf(messages: object[], senders: object[], who = caller) {
  const told = ({ messages }: Answered) =>
    messages.map(({ from, status, is_shared_system_number: shared }: Answered) => [from, status, shared]);
  const priced = told(await calls.price(who, { messages, senders }));
  const sent = told(await calls.send(who, { messages, senders }));
  expect(priced).toEqual(sent);
  return sent;
}

test(verifies('sms:senders', "the recipient's country decides, unless the message names its own sender"), async () => {
  const messages = [
    { to: AU, body: 'x' },
    { to: '0422444444', body: 'x' },
    { to: NZ, body: 'x' },
    { to: US, body: 'x' },
    { to: AU, body: 'y', from: 'Bakehouse' },
  ];
  expect(await sendersOf(messages, [choice('AU', '0422222222'), choice('nz', 'KiwiCo')])).toEqual([
    [MINE, 'SUCCESS', false],
    [MINE, 'SUCCESS', false],
    ['KiwiCo', 'SUCCESS', false],
    ['', 'SUCCESS', true],
    ['Bakehouse', 'SUCCESS', false],
  ]);
});

test("goes before the account's usual sender, and a shared type asks for the shared number", async () => {
  const who = { ...caller, account: { ...caller.account, defaultSender: 'Usual' } };
  const messages = [AU, NZ, US].map((to) => ({ to, body: 'z' }));
  const senders = [choice('AU', 'KoalaCo'), choice('NZ', null, { sender_type: 'shared_longcode' }), choice('US', '')];
  expect(await sendersOf(messages, senders, who)).toEqual([
    ['KoalaCo', 'SUCCESS', false],
    ['', 'SUCCESS', true],
    ['Usual', 'SUCCESS', false],
  ]);
});

test(
  verifies('sms:senders', 'one that is none, or a number of another account, harms only its own messages'),
  async () => {
    const messages = [
      { to: AU, body: 'x' },
      { to: NZ, body: 'x' },
      { to: US, body: 'x' },
      { to: AU, body: 'y', from: 'Bakehouse' },
    ];
    expect(await sendersOf(messages, [choice('AU', FOREIGN), choice('NZ', 'My Shop')])).toEqual([
      ['', 'INVALID_SENDER_ID', false],
      ['', 'INVALID_SENDER_ID', false],
      ['', 'SUCCESS', true],
      ['Bakehouse', 'SUCCESS', false],
    ]);
    const { rows } = await own.db.enginePool.query(
      `select words from messages where account_id = $1 and refusal = 'INVALID_SENDER_ID' order by id`,
      [caller.accountId],
    );
    expect(rows.map(({ words }) => words)).toEqual([
      'the sender chosen for AU in senders is not a number of this account.',
      'the sender chosen for NZ in senders is neither a tag of 3 to 11 letters and digits nor a number.',
    ]);
  },
);

test('an account that may send from any number may choose any', async () => {
  const who = { ...caller, account: { ...caller.account, anySenderNumber: true } };
  expect(await sendersOf([{ to: AU, body: 'x' }], [choice('AU', FOREIGN)], who)).toEqual([[FOREIGN, 'SUCCESS', false]]);
});

test(verifies('sms:senders', 'each contact of a list gets that of his country'), async () => {
  const { call } = listCalls(own.db, clock);
  const { list_id } = await call('listCreate', caller, { body: { list_name: 'Regulars' } });
  await addContacts(own.db, caller, list_id, [{ phone_number: AU }, { phone_number: NZ }]);
  expect(await sendersOf([{ list_id, body: 'to all' }], [choice('NZ', 'KiwiCo')])).toEqual([
    ['', 'SUCCESS', true],
    ['KiwiCo', 'SUCCESS', false],
  ]);
});
