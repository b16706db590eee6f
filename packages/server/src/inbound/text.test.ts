import { describe, expect, test } from 'vitest';
import type { Unread } from './store-unread.ts';
import { addressOf, partsAmong, textsOf } from './text.ts';

const NOW = 1_000_000;
let ids = 0;

function row(body: string, fields: Partial<Unread> = {}): Unread {
  const none = { part_reference: null, part_number: null, part_of: null };
  const numbers = { sender: '+61411111111', recipient: '+61422222222' };
  return { id: `id-${++ids}`, account_id: null, received_at: NOW, body, ...numbers, ...none, ...fields };
}

const part = (body: string, number: number, of = 2, fields: Partial<Unread> = {}): Unread =>
  row(body, { part_reference: 7, part_number: number, part_of: of, ...fields });

const read = (rows: readonly Unread[], parts = rows, now = NOW) =>
  textsOf(rows, partsAmong(parts), now).map(({ body, whole, ids }) => [body, whole, ids.length]);

describe('texts', () => {
  test('of one part, or said to be, are whole', () => {
    expect(read([row('one'), row('two', { part_reference: 7, part_number: 1, part_of: 1 })])).toEqual([
      ['one', true, 1],
      ['two', true, 1],
    ]);
  });

  test('of several are joined in their order, each once, where their first part came', () => {
    expect(read([part('c', 3, 3), row('between'), part('a', 1, 3), part('b', 2, 3)])).toEqual([
      ['abc', true, 3],
      ['between', true, 1],
    ]);
  });

  test('are told apart by handset, number, reference and count', () => {
    const others: Partial<Unread>[] = [{ sender: '+1' }, { recipient: '+1' }, { part_reference: 8 }, { part_of: 3 }];
    for (const other of others) expect(read([part('a', 1), part('b', 2, 2, other)])).toEqual([]);
  });

  test('take parts that a look of so many rows did not reach', () => {
    const [first, second] = [part('a', 1), part('b', 2)];
    expect(read([first], [first, second])).toEqual([['ab', true, 2]]);
  });

  test('are waited for a minute from their first part, then read as they are', () => {
    const rows = [part('c', 3, 3), part('a', 1, 3, { received_at: NOW + 50_000 })];
    expect(read(rows, rows, NOW + 59_999)).toEqual([]);
    expect(read(rows, rows, NOW + 60_000)).toEqual([['ac', false, 2]]);
  });

  test('are not whole when one part came twice', () => {
    expect(read([part('STOP', 1), part('STOP', 1)])).toEqual([]);
    expect(read([part('ST', 1), part('ST', 1), part('OP', 2)])).toEqual([['STOP', true, 3]]);
  });
});

test.each([
  ['+61411111111', '+61422222222', '+61411111111', ['+61422222222', '+61422222222'], 'AU'],
  ['61411111111', '61422222222', '+61411111111', ['61422222222', '+61422222222'], 'AU'],
  ['0411111111', '+61422222222', '+61411111111', ['+61422222222', '+61422222222'], 'AU'],
  ['004915123456789', '12345', '+4915123456789', ['12345'], 'DE'],
  ['0411111111', '12345', '0411111111', ['12345'], ''],
  ['BANK', 'BAKEHOUSE', 'BANK', ['BAKEHOUSE'], ''],
  ['', '', '', [''], ''],
])('%j to %j is %j', (sender, recipient, handset, numbers, country) => {
  expect(addressOf(row('', { sender, recipient }))).toEqual({ handset, numbers, country });
});
