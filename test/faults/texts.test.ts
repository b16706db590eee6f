import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { rowsOf } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier } from './rig/fake-carrier.ts';
import { openAccount } from './rig/pipeline.ts';

const rig = eachTest();

/** name, text, parts, and the text as it must be stored where that differs. Parts counted by hand from GSM 03.38. */
const TEXTS: [name: string, text: string, parts: number, stored?: string][] = [
  ['right-to-left marks', '\u202eevil\u202c \u200fשלום', 1],
  ['zero-width joiners', 'a\u200bb\u200cc\u200dd\ufeff', 1],
  ['a lone high surrogate', 'a\ud83d', 1, 'a\ufffd'],
  ['a lone low surrogate', '\ude00b', 1, '\ufffdb'],
  ['71 lone surrogates', '\ud83d'.repeat(71), 2, '\ufffd'.repeat(71)],
  ['NUL', 'a\u0000b', 1, 'a\ufffdb'],
  ['composed e acute, which GSM has', 'é'.repeat(160), 1],
  ['decomposed e acute, which it lacks', 'e\u0301'.repeat(36), 2],
  ['a family of four, 11 units', '👨‍👩‍👧‍👦'.repeat(7), 2],
  ['a flag across the edge', `${'я'.repeat(65)}🇦🇺${'я'.repeat(5)}`, 2],
  ['an escape pair across the edge', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
  ['escape pairs that just fit', '€'.repeat(80), 1],
  ['escape pairs that just do not', '€'.repeat(81), 2],
  ['Turkish dotless i', 'ı'.repeat(71), 2],
  ['SQL, quotes and backslashes', `'); drop table messages; -- \\ "{},NULL`, 1],
  ['array syntax', '{a,"b",\\c,NULL}', 1],
  ['a word that PostgreSQL reads as nothing', 'NULL', 1],
  ['line ends', 'a\r\nb\rc\nd', 1],
  ['noncharacters', '\uffff\ufffe', 1],
];

test(
  verifies('fault:F51', 'each is stored as it is, counted as the tables say, and sent as it was stored'),
  async () => {
    const carrier = new FakeCarrier({ window: 100 });
    const node = await rig.start(carrier);
    const caller = await openAccount(rig.db);
    const { rows } = await node.send(
      caller,
      TEXTS.map(([name, body], at) => ({ to: `+614100000${String(at).padStart(2, '0')}`, body, custom_string: name })),
    );
    await rig.reached(caller, { submitted: TEXTS.length });
    const stored = await rowsOf(rig.db, caller.accountId);
    for (const [at, [name, text, parts, kept = text]] of TEXTS.entries()) {
      expect(rows[at], name).toMatchObject({ parts, refusal: null, customString: name });
      expect(stored[at]!.body, name).toBe(kept);
      const sent = carrier.log.find(({ message }) => message.id === rows[at]!.id)?.message;
      expect(sent, name).toMatchObject({ body: kept, parts });
    }
  },
);

test(verifies('fault:F51', 'senders made of look-alikes are refused, and tags keep what they can'), async () => {
  const node = await rig.start(new FakeCarrier());
  const caller = await openAccount(rig.db);
  const { rows } = await node.send(
    caller,
    ['Βank', 'Pаypal', 'Bank\u200b', 'Bank\u0000', '\u202eknaB'].map((from, at) => ({
      to: `+6141000000${at}`,
      body: 'hello',
      from,
      custom_string: `\ud800${from}`,
    })),
  );
  expect(rows.map(({ refusal }) => refusal)).toEqual(Array(5).fill('INVALID_SENDER_ID'));
  for (const { customString } of rows)
    expect(customString.isWellFormed() && !customString.includes('\u0000')).toBe(true);
});

test(verifies('fault:F52', 'numbers that are none are refused each by itself, and their neighbours go'), async () => {
  const carrier = new FakeCarrier({ window: 100 });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  const good = ['+61 0411 111 112', '0061411111113', '0411 111 114', '(+61) 411.111.115'];
  const bad = [
    '1800FLOWERS',
    '+1234567890123456',
    '12345',
    '1900 123 456',
    '+61411\u0000111111',
    '٠٤١١١١١١١١',
    '-1',
    '1e9',
  ];
  const { rows } = await node.send(
    caller,
    good.flatMap((to, at) => [to, bad[2 * at]!, bad[2 * at + 1]!]).map((to) => ({ to, body: `to ${to}` })),
  );
  expect(rows.map(({ refusal }) => refusal)).toEqual(
    good.flatMap(() => [null, 'INVALID_RECIPIENT', 'INVALID_RECIPIENT']),
  );
  await rig.reached(caller, { submitted: 4, refused: 8 });
  expect(carrier.log.map(({ message }) => message.recipient).sort()).toEqual(
    ['2', '3', '4', '5'].map((end) => `+6141111111${end}`),
  );
});
