import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { findUser } from '../accounts/store-accounts.ts';
import { ownNumbers } from '../senders/store.ts';
import { findCommand, runCommand } from './commands.ts';

let test: TestDatabase;
const clock = handClock();

beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

/** Runs a command by its words: its exit code and what it printed. */
async function veredus(...words: string[]) {
  const found = findCommand(words) as NonNullable<ReturnType<typeof findCommand>>;
  const lines: string[] = [];
  const parts = {
    ...{ db: test.db, clock, random: systemRandom, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => Buffer.alloc(32),
    out: (text: string) => void lines.push(text),
    note: () => {},
    input: async () => '',
  };
  const code = await runCommand(found.command, parts, found.args);
  return { code, lines, text: lines.join('\n') };
}

const line = (text: string) => veredus(...text.split(' '));
const accountOf = async (username: string) => (await findUser(test.db.engine, username))?.accountId ?? 0;

async function stored(username: string) {
  const { rows } = await test.db.enginePool.query('select * from accounts where account_id = $1', [
    await accountOf(username),
  ]);
  return rows[0];
}

describe('sender add, list and remove', () => {
  it('let an account use a number until it is taken away again, and no other account', async () => {
    await line('account create ada');
    await line('account create bert');
    const number = '+61411111111';
    expect((await line('sender list ada')).text).toContain('no numbers');
    // As it is dialled in the account's country.
    expect(await veredus('sender', 'add', 'ada', '0411 111 111')).toMatchObject({
      code: 0,
      text: `Account ${await accountOf('ada')} may send from ${number}, at once.`,
    });
    expect(await line(`sender add Ada ${number}`)).toMatchObject({ code: 0, text: expect.stringContaining('before') });
    expect((await line('sender list ada')).lines).toEqual([`${number}\tadded 2026-01-01`]);
    expect((await line('sender list bert')).text).toContain('no numbers');
    const usable = async (username: string) =>
      (await ownNumbers(test.db.enginePool, await accountOf(username), [number])).has(number);
    expect(await usable('ada')).toBe(true);
    expect(await usable('bert')).toBe(false);

    expect(await line(`sender remove bert ${number}`)).toMatchObject({ code: 2 });
    expect(await usable('ada')).toBe(true);
    expect((await line('sender remove ada 0411111111')).code).toBe(0);
    expect(await usable('ada')).toBe(false);
    expect((await line(`sender remove ada ${number}`)).text).toContain(`${number} is no number of account`);
  });

  it.each([
    ['sender add nobody +61411111111', 'no user "nobody"'],
    ['sender list nobody', 'no user "nobody"'],
    ['sender add ada ACME', 'Tags of letters need not be added'],
    ['sender add ada 12', '"12" is no number'],
    ['sender add ada', 'Usage: veredus sender add <username> <number>'],
  ])('%s is refused', async (text, words) => {
    const refused = await line(text);
    expect(refused.code).toBe(2);
    expect(refused.text).toContain(words);
    expect((await line('sender list ada')).text).toContain('no numbers');
  });
});

describe('account set and show', () => {
  it('change what is named, leave the rest, and show it', async () => {
    await line('account create carl --country DE --currency EUR');
    await line('ledger credit carl 12.5');
    const before = await stored('carl');
    const set = await line('account set carl --max-parts 3 --truncate-long yes --throttle-seconds 60');
    expect(set).toMatchObject({ code: 0, text: expect.stringContaining('Running nodes follow within 5 s.') });
    expect(await stored('carl')).toEqual({ ...before, max_parts: 3, truncate_long: true, throttle_ms: 60_000 });
    await line('account set carl --prepaid no --credit-limit 20 --any-sender yes --active no --default-sender ACME');
    expect((await line('account show Carl')).lines).toEqual([
      ...[`account ${before.account_id}`, 'name carl', 'email none', 'country DE', 'currency EUR'],
      'available 12.500000',
      ...['active no', 'banned no', 'prepaid no', 'credit-limit 20.000000', 'max-parts 3', 'truncate-long yes'],
      ...['default-sender ACME', 'any-sender yes', 'throttle-seconds 60'],
      ...['campaign-recipients 20000', 'campaign-opt-out warn'],
    ]);
    expect((await stored('carl')).credit_limit_micro).toBe(20_000_000);
    await veredus('account', 'set', 'carl', '--credit-limit', 'none', '--default-sender', '', '--active', 'yes');
    expect(await stored('carl')).toMatchObject({ credit_limit_micro: null, default_sender: '', active: true });
    expect(await stored('ada')).toMatchObject({ max_parts: 8, truncate_long: false, prepaid: true });
  });

  it('keep the default sender one that the account may use', async () => {
    await line('account create dora');
    const number = '+61422222222';
    expect((await line('account set dora --default-sender 0422222222')).text).toContain('add it first');
    expect((await stored('dora')).default_sender).toBe('');
    await line(`sender add dora ${number}`);
    expect((await line('account set dora --default-sender 0422222222')).code).toBe(0);
    expect((await stored('dora')).default_sender).toBe(number);
    expect((await line(`sender remove dora ${number}`)).text).toContain('default sender');
    expect((await line('account set dora --any-sender yes')).code).toBe(0);
    expect((await line(`sender remove dora ${number}`)).code).toBe(0);
    expect((await line('account set dora --any-sender no')).text).toContain('add it first');
    expect((await stored('dora')).any_sender_number).toBe(true);
  });

  it.each([
    ['account set emil', 'Nothing to set.'],
    ['account set nobody --active no', 'no user "nobody"'],
    ['account show nobody', 'no user "nobody"'],
    ['account set emil --max-parts 0', '--max-parts is a whole number from 1 to 255, not "0"'],
    ['account set emil --max-parts 256', 'from 1 to 255'],
    ['account set emil --max-parts 2.5', 'from 1 to 255'],
    ['account set emil --throttle-seconds 86401', 'from 0 to 86400'],
    ['account set emil --active maybe', '--active is yes or no, not "maybe"'],
    ['account set emil --prepaid no --credit-limit 1,5', 'is no amount'],
    ['account set emil --credit-limit 5', 'goes with --prepaid no'],
    ['account set emil --default-sender a!', 'is no sender'],
    ['account set emil --colour red', "Unknown option '--colour'"],
    // Nothing of a line with one fault is stored.
    ['account set emil --max-parts 2 --active maybe', '--active is yes or no'],
  ])('%s is refused and changes nothing', async (text, words) => {
    if (!(await findUser(test.db.engine, 'emil'))) await line('account create emil');
    const before = await stored('emil');
    const refused = await line(text);
    expect(refused.code).toBe(2);
    expect(refused.text).toContain(words);
    expect(await stored('emil')).toEqual(before);
  });
});
