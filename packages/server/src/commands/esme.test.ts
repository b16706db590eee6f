import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { verifyPassword } from '../accounts/passwords.ts';
import { findEsmes } from '../esmes/store.ts';
import { findCommand, runCommand } from './commands.ts';

let own: TestDatabase;
const clock = handClock();

beforeAll(async () => {
  own = await openTestDatabase();
  await addAccount(own.db, 'ana');
});
afterAll(() => own.close());

async function veredus(line: string) {
  const { command, args } = findCommand(line.split(' '))!;
  const lines: string[] = [];
  const parts = {
    ...{ db: own.db, clock, random: systemRandom, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => Buffer.alloc(32),
    out: (text: string) => void lines.push(text),
    note: () => {},
    input: async () => '',
  };
  return { code: await runCommand(command, parts, args), text: lines.join('\n') };
}

const made = (text: string) => /^system_id (\S+)\npassword {2}(\S+)$/.exec(text)!.slice(1) as [string, string];
const stored = async (systemId: string) => (await findEsmes(own.db.enginePool, [systemId]))[0];

test(verifies('smpp-door:credentials', 'an ESME from its making to its end'), async () => {
  const [systemId, password] = made((await veredus('esme add ana')).text);
  expect(systemId).toMatch(/^[\w-]{1,15}$/);
  expect(password).toMatch(/^[a-zA-Z2-9]{8}$/);
  const hash = (await stored(systemId))!.passwordHash;
  expect(hash).not.toContain(password);
  expect(await verifyPassword(password, hash)).toBe(true);

  const list = (await veredus('esme list')).text;
  expect(list).toContain(`${systemId}\t`);
  expect(list).toContain('ana\t4 binds');
  expect(list).not.toContain(password);

  const { text: second } = await veredus(`esme reset-password ${systemId}`);
  expect(second).not.toBe(password);
  expect(await verifyPassword(second, (await stored(systemId))!.passwordHash)).toBe(true);

  await veredus(`esme disable ${systemId}`);
  expect((await stored(systemId))!.disabled).toBe(true);
  expect((await veredus('esme list')).text).toContain('disabled 2026-01-01 00:00');
  await veredus(`esme enable ${systemId}`);
  expect((await stored(systemId))!.disabled).toBe(false);
  await veredus(`esme remove ${systemId}`);
  expect(await stored(systemId)).toBeUndefined();
});

test('a name of one’s own, once in the whole place', async () => {
  expect((await veredus('esme add ana --system-id acme --binds 7')).code).toBe(0);
  expect(await stored('acme')).toMatchObject({ binds: 7 });
  expect(await veredus('esme add ana --system-id acme')).toMatchObject({
    code: 2,
    text: expect.stringContaining('taken'),
  });
});

test.each([
  ['esme add nobody', 'There is no user "nobody".'],
  ['esme add ana --system-id sixteen-letters1', 'A system_id has 1 to 15'],
  ['esme add ana --system-id ä', 'A system_id has 1 to 15'],
  ['esme add ana --binds 0', '1 to 100 binds'],
  ['esme add ana --binds 101', '1 to 100 binds'],
  ['esme add ana --binds many', '--binds is a number'],
  ['esme remove nobody', 'There is no ESME "nobody"'],
  ['esme disable nobody', 'There is no ESME "nobody"'],
  ['esme enable nobody', 'There is no ESME "nobody"'],
  ['esme reset-password nobody', 'There is no ESME "nobody"'],
])('%s says what to mend', async (line, words) => {
  const { code, text } = await veredus(line);
  expect(code).toBe(2);
  expect(text).toContain(words);
});
