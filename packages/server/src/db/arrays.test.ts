import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { plain, texts } from './arrays.ts';

let own: TestDatabase;
beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());

const echo = async (type: string, literal: string) =>
  (await own.db.enginePool.query(`select $1::${type}[] as list`, [literal])).rows[0].list;

describe('array literals are read by PostgreSQL as what was given', () => {
  it.each<[string, (string | null)[]]>([
    ['none', []],
    ['plain', ['a', 'b c', '']],
    ['null beside the word', [null, 'NULL', 'null', '']],
    ['all nulls', [null, null]],
    ['what needs quoting', ['"', '\\', 'a"b\\c', '{}', ',', '","', "'", '\n\t', 'é€😀']],
    ['quoting beside null', ['"', null, '\\']],
  ])('texts: %s', async (_, values) => {
    expect(await echo('text', texts(values))).toEqual(values);
  });

  it('numbers, booleans, ids and nulls', async () => {
    expect(await echo('integer', plain([1, null, -3]))).toEqual([1, null, -3]);
    expect(await echo('boolean', plain([true, false, null]))).toEqual([true, false, null]);
    const id = '0199a000-0000-7000-8000-000000000001';
    expect(await echo('uuid', plain([id, id]))).toEqual([id, id].map(String));
    expect(await echo('integer', plain([]))).toEqual([]);
  });
});
