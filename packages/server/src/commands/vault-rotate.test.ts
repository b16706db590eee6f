import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type ConnectionRig, openConnectionRig, SECRET_KEY } from '../../../../test/rig/connections.ts';
import { defaultAuthConfig } from '../connections/auth-configs.ts';
import { makeConnection } from '../connections/make-connection.ts';
import { openConnection } from '../connections/open-connection.ts';
import { findCommand, runCommand } from './commands.ts';

let rig: ConnectionRig;
beforeAll(async () => {
  rig = await openConnectionRig();
});
afterAll(() => rig.close());

async function rotate(secretKey: Buffer, line = 'vault rotate') {
  const { command, args } = findCommand(line.split(' '))!;
  const lines: string[] = [];
  const { db, clock, random } = rig.parts;
  const parts = {
    ...{ db, clock, random, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => secretKey,
    out: (text: string) => void lines.push(text),
    note: () => {},
    input: async () => '',
  };
  return { code: await runCommand(command, parts, args), text: lines.join('\n') };
}

test(verifies('connections:rotation', '`vault rotate` says how many, and what cannot be read'), async () => {
  const caller = await rig.caller('ana');
  rig.targets.cloud.passwords.set('ana', 'key');
  const { authConfigId } = await defaultAuthConfig(rig.parts, caller);
  const { connection } = await makeConnection(rig.parts, caller, {
    ...{ authConfigId, userId: 'u', alias: null, credentials: { username: 'ana', password: 'key' }, validate: true },
    ...{ callbackUrl: null, state: null, requestedBy: null },
  });
  expect(await rotate(SECRET_KEY)).toEqual({
    ...{ code: 0, text: 'The vault’s key is of generation 2 now; 1 connection(s) were sealed again.' },
  });
  const lost = await rotate(randomBytes(32));
  expect(lost.code).toBe(1);
  expect(lost.text).toContain('0 connection(s)');
  expect(lost.text).toContain('1 cannot be read');
  expect(await rotate(SECRET_KEY)).toMatchObject({
    code: 0,
    text: expect.stringContaining('generation 4 now; 1 connection'),
  });
  const ask = { connectionId: connection.connectionId, userId: null, among: null, action: 'X' };
  expect((await openConnection(rig.parts, caller.accountId, ask)).connectionId).toBe(connection.connectionId);
  expect((await rotate(SECRET_KEY, 'vault rotate now')).code).toBe(2);
});
