import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { callerFor } from './act-for.ts';
import { findAddress } from './store.ts';

let own: TestDatabase;
beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());

/** An account with its main user and another. */
async function open(name: string) {
  const { accountId, userId } = await addAccount(own.db, name);
  const pool = own.db.enginePool;
  await pool.query('update users set is_main = true where user_id = $1', [userId]);
  const { rows } = await pool.query(
    `insert into users (account_id, username, email, created_at) values ($1, $2, 'other@rye.example', 0) returning user_id`,
    [accountId, `${name}-other`],
  );
  return { pool, accountId, userId, otherId: rows[0].user_id as number };
}

test('work is done for the user named, else for the main user, with the account as it is now', async () => {
  const { pool, accountId, userId, otherId } = await open('one');
  const asMain = await callerFor(pool, { accountId });
  expect(asMain).toMatchObject({ accountId, userId, username: 'one', scopes: ['*'], account: { country: 'AU' } });
  expect(await callerFor(pool, { accountId, userId: otherId })).toMatchObject({ userId: otherId });
  await pool.query(`update accounts set country = 'NZ' where account_id = $1`, [accountId]);
  expect(await callerFor(pool, { accountId })).toMatchObject({ account: { country: 'NZ' } });
});

test('nobody acts for a user who is another account’s, or for an account that may not', async () => {
  const { pool, accountId } = await open('two');
  const stranger = await open('three');
  expect(await callerFor(pool, { accountId, userId: stranger.userId })).toBeNull();
  expect(await callerFor(pool, { accountId: 2_000_000_000 })).toBeNull();
  await pool.query('update accounts set banned = true where account_id = $1', [accountId]);
  expect(await callerFor(pool, { accountId })).toBeNull();
  await pool.query('update accounts set active = false where account_id = $1', [stranger.accountId]);
  expect(await callerFor(pool, { accountId: stranger.accountId })).toBeNull();
});

test('mail to an account goes to its main user, else where its bills go', async () => {
  const { pool, accountId, userId } = await open('four');
  expect(await findAddress(pool, accountId)).toBe('');
  await pool.query(`update accounts set billing_email = 'bills@rye.example' where account_id = $1`, [accountId]);
  expect(await findAddress(pool, accountId)).toBe('bills@rye.example');
  await pool.query(`update users set email = 'ana@rye.example' where user_id = $1`, [userId]);
  expect(await findAddress(pool, accountId)).toBe('ana@rye.example');
});
