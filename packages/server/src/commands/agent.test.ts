import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { Authentication } from '../accounts/authenticate.ts';
import { Refusal } from '../refusal.ts';
import { findCommand, runCommand } from './commands.ts';

let own: TestDatabase;
const clock = handClock();

beforeAll(async () => {
  own = await openTestDatabase();
  await addAccount(own.db, 'ana');
  await addAccount(own.db, 'ben');
});
afterAll(() => own.close());

async function veredus(line: string) {
  const { command, args } = findCommand(line.split(' '))!;
  const lines: string[] = [];
  const notes: string[] = [];
  const parts = {
    ...{ db: own.db, clock, random: systemRandom, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => Buffer.alloc(32),
    out: (text: string) => void lines.push(text),
    note: (text: string) => void notes.push(text),
    input: async () => '',
  };
  return { code: await runCommand(command, parts, args), text: lines.join('\n'), notes: notes.join('\n') };
}

/** As a node that has just looked sees it. */
async function opens(key: string): Promise<unknown> {
  const authentication = new Authentication({ enginePool: own.db.enginePool, clock, random: systemRandom });
  const verdict = await authentication.authenticateKey(key, '192.0.2.1');
  await authentication.close();
  return verdict instanceof Refusal ? verdict.kind : verdict.agentId;
}

test(verifies('agents:made', 'agents:ended', 'an agent at the command line, from its making to its end'), async () => {
  const made = await veredus(
    'agent create ana desk --actions clicksend_get_lists,CLICKSEND_GET_ACCOUNT --no-own-account',
  );
  const [, id, key] = /^agent (\d+)\nkey {3}([0-9A-F-]{36})$/.exec(made.text)!;
  expect(made.notes).toContain('shown this once');
  expect(await opens(key!)).toBe(Number(id));

  expect((await veredus('agent list ana')).text).toBe(
    `${id}\tdesk\t2 actions\tmade 2026-01-01 00:00\tused 2026-01-01 00:00`,
  );
  const shown = (await veredus('agent show ana DESK')).text;
  expect(shown).toContain('CLICKSEND_GET_ACCOUNT, CLICKSEND_GET_LISTS');
  expect(shown).toContain('own account no');
  expect(shown).toContain('connections all');
  expect(shown).toContain(`****${key!.slice(-4)}`);
  expect(shown).not.toContain(key);

  const { text: next, notes } = await veredus(`agent rotate-key ana ${id} --overlap 5`);
  expect(next).toMatch(/^[0-9A-F-]{36}$/);
  expect(notes).toBe('The key is shown this once. Those before end at 2026-01-01 00:05 UTC at the latest.');
  expect(await opens(key!)).toBe(Number(id));
  expect((await veredus('key list ana')).text).toContain('ends 2026-01-01 00:05');
  clock.advance(300_000);
  expect(await opens(key!)).toBe('invalid-credentials');
  expect(await opens(next)).toBe(Number(id));

  await veredus('agent disable ana desk');
  expect((await veredus('agent list ana')).text).toContain('disabled 2026-01-01 00:05');
  await veredus('agent enable ana desk');
  expect((await veredus('agent show ana desk')).text).toContain('state       enabled');

  expect(await veredus('agent delete ana desk')).toMatchObject({ code: 0, text: `agent ${id} has ended` });
  expect(await opens(next)).toBe('invalid-credentials');
  expect((await veredus('agent list ana')).text).toBe('');
  const { rows } = await own.db.enginePool.query('select actor, action, facts from audit_events order by event_id');
  expect(rows.map(({ action }) => action)).toEqual([
    ...['agent.created', 'agent.key_rotated', 'agent.disabled', 'agent.enabled', 'agent.deleted'],
  ]);
  expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['operator']));
  expect(JSON.stringify(rows)).not.toContain(key);
  expect(JSON.stringify(rows)).not.toContain(next);
});

test.each([
  ['agent create nobody desk', 'There is no user "nobody".'],
  ['agent create ana', 'name is missing.\nUsage: veredus agent create'],
  ['agent create', 'username and name are missing.'],
  ['agent list ana ben', 'Too many arguments: it takes username.'],
  ['agent create ana desk --actions CLICKSEND_GET_LIST', 'Did you mean CLICKSEND_GET_LISTS?'],
  ['agent create ana desk --connections ca_x', 'There is no connection "ca_x"'],
  ['agent show ana nobody', 'There is no agent "nobody"'],
  ['agent show ana 2000000000', 'There is no agent'],
  ['agent disable ana nobody', 'There is no agent'],
  ['agent enable ana nobody', 'There is no agent'],
  ['agent delete ana nobody', 'There is no agent'],
  ['agent rotate-key ana nobody', 'There is no agent'],
  ['agent rotate-key ana nobody --overlap 1441', '0 to 1440'],
  ['agent rotate-key ana nobody --overlap soon', '0 to 1440'],
])('%s says what to mend', async (line, words) => {
  const { code, text } = await veredus(line);
  expect(code).toBe(2);
  expect(text).toContain(words);
});

test('a new key says what became of those before', async () => {
  await veredus('agent create ana bell');
  const { notes } = await veredus('agent rotate-key ana bell');
  expect(notes).toBe('The key is shown this once. Those before have ended; running nodes refuse them within 5 s.');
  const [, keyId] = /^key {9}(\d+)/m.exec((await veredus('agent show ana bell')).text)!;
  await veredus(`key revoke ${keyId}`);
  expect((await veredus('agent rotate-key ana bell')).notes).toBe('The key is shown this once. There was no other.');
});

test(verifies('agents:private', 'another account’s agent is not found by its id'), async () => {
  const [, id] = /^agent (\d+)/.exec((await veredus('agent create ben mine')).text)!;
  for (const command of ['show', 'disable', 'delete', 'rotate-key'])
    expect((await veredus(`agent ${command} ana ${id}`)).text).toContain('There is no agent');
});
