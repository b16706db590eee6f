import type pg from 'pg';

/** Tables cut by month on their UUIDv7. */
const TABLES = [
  // Free space for the two updates of each row, see the indexes of messages in 0001.
  { table: 'messages', storage: 'with (fillfactor = 45)' },
  { table: 'receipts', storage: '' },
];
const MONTHS_AHEAD = 2;

const CHECK_VIOLATION = '23514';
const DUPLICATE_TABLE = '42P07';

/** The smallest UUID of a millisecond. */
const firstUuid = (ms: number): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

/**
 * Makes the partitions of this month and the next two, by the passed-in time. Anything outside them lies in the default
 * partition and works as well, only slower; a month whose rows are there already stays there. Needs the tables' owner.
 */
export async function makePartitions(owner: Pick<pg.ClientBase, 'query'>, now: number): Promise<string[]> {
  const made: string[] = [];
  const today = new Date(now);
  for (const { table, storage } of TABLES) {
    for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
      const from = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead, 1);
      const to = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead + 1, 1);
      const name = `${table}_${new Date(from).toISOString().slice(0, 7).replace('-', '_')}`;
      const { rows } = await owner.query('select to_regclass($1) is not null as there', [name]);
      if (rows[0].there) continue;
      try {
        await owner.query(
          `create table ${name} partition of ${table} for values from ('${firstUuid(from)}') to ('${firstUuid(to)}') ${storage}`,
        );
        made.push(name);
      } catch (error) {
        const { code } = error as { code?: string };
        if (code !== CHECK_VIOLATION && code !== DUPLICATE_TABLE) throw error;
      }
    }
  }
  return made;
}
