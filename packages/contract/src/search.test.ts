import { describe, expect, it } from 'vitest';
import { readOperator, readOrder, readPairs, type Searchable } from './search.ts';

const letters: Searchable<'to' | 'from' | 'body' | 'message_id' | 'date'> = {
  fields: ['to', 'from', 'body', 'message_id', 'date'],
  phones: ['to', 'from'],
  synonyms: { timestamp: 'date' },
  order: { field: 'date', direction: 'asc' },
};

describe('readPairs', () => {
  it.each<[string, string, [string, string][]]>([
    ['nothing', '', []],
    ['one pair', 'to:+61411111111', [['to', '+61411111111']]],
    [
      'two pairs',
      'from:Bakehouse,body:bread',
      [
        ['from', 'Bakehouse'],
        ['body', 'bread'],
      ],
    ],
    [
      'a repeated field',
      'message_id:A,message_id:B',
      [
        ['message_id', 'A'],
        ['message_id', 'B'],
      ],
    ],
    [
      'a space behind the comma',
      'from:Bakehouse, body:bread',
      [
        ['from', 'Bakehouse'],
        ['body', 'bread'],
      ],
    ],
    ['a comma at the end', 'body:bread,', [['body', 'bread']]],
    ['no value', 'body:', [['body', '']]],
    ['a colon in a value', 'body:open at 9:30', [['body', 'open at 9:30']]],
    ['a comma in a value', 'body:bread, rolls', [['body', 'bread, rolls']]],
    ['a comma and a colon in a value', 'body:today, note: closed', [['body', 'today, note: closed']]],
    [
      'addresses in a value',
      'body:https://a.example,https://b.example',
      [['body', 'https://a.example,https://b.example']],
    ],
    ['a field in capitals', 'BODY:Bread', [['body', 'Bread']]],
    ['a synonym', 'timestamp:1790000000', [['date', '1790000000']]],
    [
      'a + that a decoder made a space',
      'to: 61411111111,from: 61422222222',
      [
        ['to', '+61411111111'],
        ['from', '+61422222222'],
      ],
    ],
    ['a space before letters in a phone field', 'from: Bakehouse', [['from', 'Bakehouse']]],
    ['a space before digits elsewhere', 'body: 61411111111', [['body', '61411111111']]],
  ])('reads %s', (_, text, pairs) => {
    const read = readPairs(text, letters);
    expect(read).toEqual({ ok: true, value: pairs.map(([field, value]) => ({ field, value })) });
  });

  it('[search:unknown-field] names the fields there are when one is unknown', () => {
    const words = 'has no field "price"; there are to, from, body, message_id, date.';
    expect(readPairs('price:1', letters)).toEqual({ ok: false, words });
    expect(readPairs('to:1,price:1', letters)).toEqual({ ok: false, words });
  });

  it.each(['__proto__:1', 'constructor:1', 'toString:1'])('knows no field %s', (text) => {
    expect(readPairs(text, letters).ok).toBe(false);
  });

  it('refuses words that are no pair, and cuts long ones short', () => {
    expect(readPairs('bread', letters)).toEqual({ ok: false, words: 'takes field:value, not "bread".' });
    const long = readPairs('x'.repeat(5000), letters);
    expect(!long.ok && long.words.length).toBeLessThan(100);
  });

  it('reads a hostile q in linear time', () => {
    const text = `body:${', '.repeat(100_000)}`;
    expect(readPairs(text, letters).ok).toBe(true);
  });
});

describe('readOrder', () => {
  it.each([
    ['date:asc', 'date', 'asc'],
    ['date:DESC', 'date', 'desc'],
    ['timestamp:desc', 'date', 'desc'],
    ['body', 'body', 'asc'],
  ])('reads %s', (text, field, direction) => {
    expect(readOrder(text, letters)).toEqual({ ok: true, value: { field, direction } });
  });

  it.each(['date:up', 'date:asc:desc', 'price:asc', ':asc', 'date:'])('refuses %s', (text) => {
    expect(readOrder(text, letters).ok).toBe(false);
  });
});

describe('readOperator', () => {
  it.each([
    ['AND', 'AND'],
    ['an', 'AND'],
    ['or', 'OR'],
  ])('reads %s', (text, value) => {
    expect(readOperator(text)).toEqual({ ok: true, value });
  });

  it('refuses another', () => {
    expect(readOperator('XOR')).toEqual({ ok: false, words: 'takes AND or OR, not "XOR".' });
  });
});
