import { account } from '@veredus/contract/endpoints/account';
import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { creditAccount } from '../ledger/credit.ts';
import { createKey } from './api-keys.ts';
import { Authentication } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { createAccount, createUser } from './create-account.ts';
import { readAccount } from './routes.ts';

let test: TestDatabase;
const clock = handClock(Date.UTC(2026, 4, 5, 6, 7, 8, 999));
const parts = { clock, random: systemRandom };

beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

async function callerOf(name: string, scopes: readonly ['*'] | readonly ['account:read']) {
  const terms = { country: 'AU', currency: 'AUD', prepaid: true, creditLimitMicro: null, anySenderNumber: false };
  const accountId = await createAccount(parts, test.db.engine, { name: `${name} Co`, ...terms });
  const user = { accountId, username: name, email: `${name}@example.test`, password: null, isMain: true };
  const userId = await createUser(parts, test.db.engine, user);
  const { key } = await createKey(parts, test.db.engine, { accountId, userId, name: 'test', scopes });
  const authentication = new Authentication({ enginePool: test.db.enginePool, ...parts });
  const caller = (await authentication.authenticateKey(key, '192.0.2.1')) as Caller;
  return { caller, key };
}

describe('GET /account', () => {
  it('shows the account as the contract says, with its balance and a masked key', async () => {
    const { caller, key } = await callerOf('koala', ['*']);
    const engine = test.db.engine;
    await creditAccount(engine, clock, { account: caller.accountId, amountMicro: 41_208_800, note: null });
    const data = await readAccount({ db: test.db }, caller);
    expect(account.data.parse(data)).toEqual(data);
    expect(data).toMatchObject({
      user_id: caller.accountId,
      username: 'koala',
      user_email: 'koala@example.test',
      active: 1,
      banned: 0,
      date_sign_up: Date.UTC(2026, 4, 5, 6, 7, 8) / 1000,
      balance: '41.208800',
      account_name: 'koala Co',
      country: 'AU',
      default_country_sms: 'AU',
      low_credit_amount: '0.00',
      setting_sms_message_char_limit: 8,
      _currency: { currency_name_short: 'AUD', currency_name_long: 'Australian Dollars' },
      _subaccount: { subaccount_id: caller.userId, api_username: 'koala', is_main: 1, access_sms: 1 },
    });
    expect(data._subaccount.api_key).toBe(`********-****-****-****-********${key.slice(-4)}`);
    expect(JSON.stringify(data)).not.toContain(key);
  });

  it('says what the key may do', async () => {
    const { caller } = await callerOf('wombat', ['account:read']);
    const data = await readAccount({ db: test.db }, caller);
    expect(data._subaccount).toMatchObject({ access_sms: 0, access_billing: 0, is_main: 1 });
  });

  it('finds nobody in another account than the caller’s, even when the user id is right', async () => {
    const [{ caller: a }, { caller: b }] = [await callerOf('ant', ['*']), await callerOf('bee', ['*'])];
    await expect(readAccount({ db: test.db }, { ...a, accountId: b.accountId })).rejects.toThrow();
  });
});
