import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type ConnectionRig, openConnectionRig, SECRET_KEY } from '../../../../test/rig/connections.ts';
import type { Caller } from '../accounts/caller.ts';
import { systemRandom } from '../system.ts';
import { defaultAuthConfig } from './auth-configs.ts';
import { checkConnection, showConnection } from './connections.ts';
import { makeConnection } from './make-connection.ts';
import { openConnection } from './open-connection.ts';
import { recheckDue } from './recheck.ts';
import { resealOldKeys, rotateVaultKey } from './rotate-vault.ts';
import { openVault, type Sealed } from './vault.ts';

const vault = openVault({ secretKey: SECRET_KEY, random: systemRandom });
const OWNER = { accountId: 7, connectionId: 'ca_1' };
const CREDENTIALS = { username: 'ana', password: 'canary-pässword 🔑' };

describe('what is sealed', () => {
  test(verifies('connections:vault', 'opens for its owner, and is never the same twice'), () => {
    const [first, second] = [vault.seal(OWNER, CREDENTIALS, 3), vault.seal(OWNER, CREDENTIALS, 3)];
    expect(vault.open(OWNER, first)).toEqual(CREDENTIALS);
    expect(first.sealed.equals(second.sealed)).toBe(false);
    expect(first.sealedKey.equals(second.sealedKey)).toBe(false);
    for (const part of [first.sealed, first.sealedKey]) expect(part.includes('canary')).toBe(false);
  });

  test(verifies('connections:vault', 'does not open with any one bit changed, cut or lengthened'), () => {
    const whole = vault.seal(OWNER, CREDENTIALS, 1);
    for (const part of ['sealed', 'sealedKey'] as const) {
      for (let at = 0; at < whole[part].length; at++) {
        const changed = Buffer.from(whole[part]);
        changed[at]! ^= 1 << (at % 8);
        expect(vault.open(OWNER, { ...whole, [part]: changed }), `${part}[${at}]`).toBeNull();
      }
      for (const cut of [0, 1, 12, 28, 29, whole[part].length - 1]) {
        expect(vault.open(OWNER, { ...whole, [part]: whole[part].subarray(0, cut) })).toBeNull();
      }
      expect(vault.open(OWNER, { ...whole, [part]: Buffer.concat([whole[part], Buffer.of(0)]) })).toBeNull();
    }
  });

  test(verifies('connections:vault', 'opens for no other account, connection, generation, key or place'), () => {
    const sealed = vault.seal(OWNER, CREDENTIALS, 1);
    const others = [
      { accountId: 8, connectionId: 'ca_1' },
      { accountId: 7, connectionId: 'ca_2' },
      { accountId: 71, connectionId: 'ca_' },
    ];
    for (const other of others) {
      expect(vault.open(other, sealed)).toBeNull();
      expect(vault.reseal(other, sealed, 2)).toBeNull();
    }
    expect(vault.open(OWNER, { ...sealed, generation: 2 })).toBeNull();
    expect(vault.open(OWNER, { ...sealed, sealed: sealed.sealedKey })).toBeNull();
    expect(vault.open(OWNER, { ...sealed, sealedKey: vault.seal(OWNER, CREDENTIALS, 1).sealedKey })).toBeNull();
    const stranger = openVault({ secretKey: randomBytes(32), random: systemRandom });
    expect(stranger.open(OWNER, sealed)).toBeNull();
    expect(stranger.reseal(OWNER, sealed, 2)).toBeNull();
  });

  test(verifies('connections:rotation', 'opens under the next generation once its key is sealed again'), () => {
    const sealed = vault.seal(OWNER, CREDENTIALS, 1);
    const next: Sealed = { ...sealed, sealedKey: vault.reseal(OWNER, sealed, 2)!, generation: 2 };
    expect(vault.open(OWNER, next)).toEqual(CREDENTIALS);
    expect(vault.open(OWNER, { ...next, generation: 1 })).toBeNull();
  });
});

describe('rotated', () => {
  let rig: ConnectionRig;
  let caller: Caller;
  beforeAll(async () => {
    rig = await openConnectionRig();
    caller = await rig.caller('rotating');
    rig.targets.cloud.passwords.set('ana', 'key');
  });
  afterAll(() => rig.close());

  const make = async () => {
    const { authConfigId } = await defaultAuthConfig(rig.parts, caller);
    const { connection } = await makeConnection(rig.parts, caller, {
      ...{ authConfigId, userId: 'u', alias: null, credentials: { username: 'ana', password: 'key' }, validate: true },
      ...{ callbackUrl: null, state: null, requestedBy: null },
    });
    return connection.connectionId;
  };
  const generations = async () =>
    (await rig.query<{ key_generation: number }>('select key_generation from connections')).map(
      (row) => row.key_generation,
    );
  const open = (connectionId: string, parts = rig.parts) =>
    openConnection(parts, caller.accountId, { connectionId, userId: null, among: null, action: 'X' });
  /** A node that dies after so many data keys. */
  const dying = (after: number): typeof rig.parts.vault => ({
    ...rig.parts.vault,
    reseal(...given) {
      if (after-- === 0) throw new Error('the node dies');
      return rig.parts.vault.reseal(...given);
    },
  });

  test(verifies('connections:rotation', 'all open afterwards, also when the node dies in between'), async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map(make));
    expect(new Set(await generations())).toEqual(new Set([1]));
    await expect(rotateVaultKey({ ...rig.parts, vault: dying(2) })).rejects.toThrow('the node dies');
    for (const id of ids) expect((await open(id)).connectionId).toBe(id);
    // What comes meanwhile is under the new one already.
    const fresh = await make();
    expect([...new Set(await generations())].sort()).toEqual([1, 2]);
    expect(await resealOldKeys(rig.parts)).toEqual({ resealed: 5, unreadable: 0 });
    expect(new Set(await generations())).toEqual(new Set([2]));
    expect(await rotateVaultKey(rig.parts)).toEqual({ generation: 3, resealed: 6, unreadable: 0 });
    for (const id of [...ids, fresh]) expect((await open(id)).connectionId).toBe(id);
  });

  test(verifies('connections:rotation', 'more than a chunk, by two at once'), async () => {
    const [row] = await rig.query<{ connection_id: string }>('select connection_id from connections limit 1');
    await rig.query(
      `insert into connections (connection_id, account_id, auth_config_id, target, user_id, word_id, status, created_at, updated_at,
         sealed, sealed_key, key_generation)
       select 'ca_many_' || n, account_id, auth_config_id, target, user_id, word_id, 'ACTIVE', 0, 0, sealed, sealed_key, key_generation
       from connections, generate_series(1, 450) n where connection_id = $1`,
      [row!.connection_id],
    );
    const done = await Promise.all([rotateVaultKey(rig.parts), rotateVaultKey(rig.parts)]);
    // Copies of a row open for nobody: they are counted and left as they are.
    await resealOldKeys(rig.parts);
    expect(Math.max(...done.map(({ unreadable }) => unreadable))).toBeGreaterThan(200);
    const left = await rig.query(
      `select 1 from connections where key_generation < 5 and connection_id not like 'ca_many%'`,
    );
    expect(left).toEqual([]);
    await rig.query(`delete from connections where connection_id like 'ca_many%'`);
  });

  test(
    verifies(
      'connections:rotation',
      'with the secret key lost they expire, at use and at a check, and come back with it',
    ),
    async () => {
      const ids = [await make(), await make()];
      const lost = { ...rig.parts, vault: openVault({ secretKey: randomBytes(32), random: systemRandom }) };
      await expect(open(ids[0]!, lost)).rejects.toThrow(/secret key of this server was changed/);
      rig.clock.advance(8 * 3_600_000);
      await recheckDue(lost);
      for (const id of ids) {
        const shown = await showConnection(rig.parts, caller.accountId, id);
        expect(shown.status).toBe('EXPIRED');
        expect(shown.statusReason).toContain('connect again');
      }
      expect((await rotateVaultKey(lost)).unreadable).toBeGreaterThanOrEqual(2);
      for (const id of ids) expect((await checkConnection(rig.parts, caller, id)).status).toBe('ACTIVE');
      expect(rig.logged.filter(({ event }) => event === 'connection.check_failed')).toEqual([]);
    },
  );
});
