import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { systemRandom } from '../system.ts';
import { findCommand, runCommand } from './commands.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await openTestDatabase();
  await addAccount(test.db, 'ada');
});
afterAll(() => test.close());

async function veredus(...words: string[]) {
  const found = findCommand(words)!;
  const lines: string[] = [];
  const parts = {
    ...{ db: test.db, clock: handClock(), random: systemRandom, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => Buffer.alloc(32),
    out: (text: string) => void lines.push(text),
    note: () => {},
    input: async () => '',
  };
  const code = await runCommand(found.command, parts, found.args);
  return { code, text: lines.join('\n') };
}
const stored = async () => (await test.db.enginePool.query('select email from users')).rows;

it(verifies('mail:owner', 'user set says where notices to a user go, and that nobody gets them'), async () => {
  const set = await veredus('user', 'set', 'Ada', '--email', ' Ada@Rye.Example ');
  expect(set).toEqual({ code: 0, text: 'Emails to ada go to Ada@rye.example.' });
  expect(await stored()).toEqual([{ email: 'Ada@rye.example' }]);
  expect((await veredus('account', 'show', 'ada')).text).toContain('\nemail Ada@rye.example\n');
  expect(await veredus('user', 'set', 'ada', '--email', '')).toEqual({ code: 0, text: 'ada gets no emails.' });
  expect(await stored()).toEqual([{ email: '' }]);
  expect((await veredus('account', 'show', 'ada')).text).toContain('\nemail none\n');
});

it.each([
  [['ada'], 'Nothing to set.'],
  [['nobody', '--email', 'a@b.example'], 'There is no user "nobody".'],
  [['ada', '--email', 'a@localhost'], '"a@localhost" is not one email address'],
  [['ada', '--email', 'a@b.example\r\nBcc: c@d.example'], 'is not one email address'],
])('user set %j is refused and changes nothing', async (words, sentence) => {
  const before = await stored();
  const refused = await veredus('user', 'set', ...words);
  expect(refused.code).toBe(2);
  expect(refused.text).toContain(sentence);
  expect(await stored()).toEqual(before);
});
