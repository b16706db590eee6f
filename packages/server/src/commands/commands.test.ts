import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { Authentication } from '../accounts/authenticate.ts';
import { Refusal } from '../refusal.ts';
import { commands, findCommand, findLooseCommand, listCommands, looseCommands, runCommand } from './commands.ts';

let test: TestDatabase;
const clock = handClock();

beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

/** Runs a command line as main does: its exit code and what it printed. */
async function veredus(line: string, input = '') {
  const found = findCommand(line.split(' '));
  expect(found, line).not.toBeNull();
  const { command, args } = found as NonNullable<typeof found>;
  const lines: string[] = [];
  const parts = {
    ...{ db: test.db, clock, random: systemRandom, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => Buffer.alloc(32),
    out: (text: string) => void lines.push(text),
    note: () => {},
    input: async () => input,
  };
  const code = await runCommand(command, parts, args);
  return { code, lines, text: lines.join('\n') };
}

async function signIn(username: string, secret: string): Promise<string> {
  const authentication = new Authentication({ enginePool: test.db.enginePool, clock, random: systemRandom });
  const header = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
  const verdict = await authentication.authenticate(header, '192.0.2.1');
  return verdict instanceof Refusal ? verdict.kind : `${verdict.via} ${verdict.scopes.join(',')}`;
}

const printed = (lines: string[], what: string) =>
  lines.find((line) => line.startsWith(what))?.slice(what.length + 1) ?? '';

describe('account create', () => {
  it('opens a prepaid account whose owner can sign in with what was printed', async () => {
    const { code, lines } = await veredus('account create ada --country DE --currency EUR');
    expect(code).toBe(0);
    expect(await signIn('ada', printed(lines, 'password'))).toBe('password *');
    expect(await signIn('ada', printed(lines, 'api key'))).toBe('key *');
    const { rows } = await test.db.enginePool.query('select * from accounts where account_id = $1', [
      printed(lines, 'account'),
    ]);
    expect(rows[0]).toMatchObject({
      country: 'DE',
      currency: 'EUR',
      prepaid: true,
      credit_limit_micro: null,
      name: 'ada',
    });
  });

  it('opens a post-paid one with a limit, and refuses what does not fit', async () => {
    const { lines } = await veredus('account create bert --postpaid --credit-limit 12.5');
    const { rows } = await test.db.enginePool.query('select * from accounts where account_id = $1', [
      printed(lines, 'account'),
    ]);
    expect(rows[0]).toMatchObject({ prepaid: false, credit_limit_micro: 12_500_000, country: 'AU', currency: 'USD' });
    for (const [line, words] of [
      ['account create bert', 'is taken'],
      ['account create Bert', 'is taken'],
      ['account create carl --credit-limit 5', 'goes with --postpaid'],
      ['account create carl --currency ZZZ', 'no currency'],
      ['account create', 'Usage: veredus account create <username>'],
      ['account create carl --colour red', "Unknown option '--colour'"],
    ] as const) {
      const refused = await veredus(line);
      expect(refused.code, line).toBe(2);
      expect(refused.text).toContain(words);
    }
    const left = await test.db.enginePool.query(`select 1 from accounts where name in ('carl', 'Bert')`);
    expect(left.rows).toEqual([]);
  });
});

describe('key create, list and revoke', () => {
  it('[auth:keys] make a key that works until it is revoked', async () => {
    await veredus('account create dora');
    const { lines } = await veredus('key create dora shop --scopes sms:send,sms:read');
    const key = lines[0] ?? '';
    expect(await signIn('dora', key)).toBe('key sms:send,sms:read');
    const listed = (await veredus('key list dora')).lines.map((line) => line.split('\t'));
    expect(listed.map(([, , name, scopes]) => [name, scopes])).toEqual([
      ['first key', '*'],
      ['shop', 'sms:send,sms:read'],
    ]);
    expect(listed[1]?.[1]).toBe(`********-****-****-****-********${key.slice(-4)}`);
    const id = listed[1]?.[0];
    expect((await veredus(`key revoke ${id}`)).code).toBe(0);
    expect(await signIn('dora', key)).toBe('invalid-credentials');
    expect((await veredus('key list dora')).text).toContain('revoked 2026-01-01 00:00');
    expect(await veredus(`key revoke ${id}`)).toMatchObject({ code: 2 });
  });

  it.each([
    ['key create nobody shop', 'no user "nobody"'],
    ['key list nobody', 'no user "nobody"'],
    ['key create ada shop --scopes sms:fly', 'Unknown permission sms:fly; known are *, account:read'],
    ['key revoke abc', 'no key id'],
  ])('%s is refused', async (line, words) => {
    const { code, text } = await veredus(line);
    expect(code).toBe(2);
    expect(text).toContain(words);
  });
});

describe('user reset-password', () => {
  it('[auth:reset-password] prints a new password once, or reads it from standard input and prints nothing of it', async () => {
    const first = printed((await veredus('account create emil')).lines, 'password');
    const { lines } = await veredus('user reset-password emil');
    expect(await signIn('emil', lines[0] ?? '')).toBe('password *');
    expect(await signIn('emil', first)).toBe('invalid-credentials');
    const typed = await veredus('user reset-password emil --stdin', 'a typed password\n');
    expect(typed.text).not.toContain('a typed password');
    expect(await signIn('emil', 'a typed password')).toBe('password *');
  });

  it('takes no password from the command line, none too short, and no stranger', async () => {
    const inArgv = await veredus('user reset-password emil secret-in-argv');
    expect(inArgv.code).toBe(2);
    expect(inArgv.text).not.toContain('secret-in-argv');
    expect((await veredus('user reset-password emil --stdin', 'short\n')).text).toContain('8 to 256');
    expect((await veredus('user reset-password nobody')).text).toContain('no user "nobody"');
    expect(await signIn('emil', 'a typed password')).toBe('password *');
  });
});

describe('ledger credit and verify', () => {
  it('[ledger:verify] put money in, and prove it', async () => {
    const { lines } = await veredus('account create fritz');
    expect(await veredus('ledger credit fritz 25 --note invoice-9')).toMatchObject({
      code: 0,
      text: 'available 25.000000',
    });
    expect((await veredus('ledger credit Fritz 0.5')).text).toBe('available 25.500000');
    expect((await veredus('ledger credit fritz -5')).code).toBe(2);
    expect((await veredus('ledger credit fritz 1,50')).text).toContain('is no amount');
    const right = await veredus('ledger verify');
    expect(right).toMatchObject({ code: 0, text: expect.stringMatching(/^ledger right: \d+ accounts$/) });

    const account = printed(lines, 'account');
    const tamper = 'update ledger_balances set available_micro = available_micro + $1 where account_id = $2';
    await test.db.enginePool.query(tamper, [1, account]);
    const wrong = await veredus('ledger verify');
    expect(wrong.code).toBe(1);
    expect(wrong.lines).toContain(
      `account ${account}: balance available against the sum of entries: expected 25500000, found 25500001`,
    );
    await test.db.enginePool.query(tamper, [-1, account]);
    expect((await veredus('ledger verify')).code).toBe(0);
  });
});

describe('the table of commands', () => {
  it('finds a command by its words and lists them all', () => {
    expect(findCommand(['ledger', 'verify', 'x'])).toMatchObject({ command: { name: 'ledger verify' }, args: ['x'] });
    expect(findCommand(['ledger'])).toBeNull();
    expect(findCommand([])).toBeNull();
    expect(findLooseCommand(['mcp'])?.command.name).toBe('mcp');
    const names = [...commands, ...looseCommands].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(listCommands()).toHaveLength(names.length);
  });
});
