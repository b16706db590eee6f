import { describe, expect, it } from 'vitest';
import { systemRandom } from '../system.ts';
import { hashKey, maskKey, newKey, newPassword } from './keys.ts';
import { hashPassword, NOBODYS_HASH, verifyPassword } from './passwords.ts';

describe('passwords', () => {
  it('knows the right one and no other, composed or decomposed', async () => {
    const hash = await hashPassword('caf\u00e9 1', systemRandom);
    expect(hash).toMatch(/^scrypt\$32768\$8\$3\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$/);
    expect(await verifyPassword('caf\u00e9 1', hash)).toBe(true);
    expect(await verifyPassword('cafe\u0301 1', hash)).toBe(true);
    expect(await verifyPassword('cafe 1', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('reads a hash of another cost (RFC 7914, section 12)', async () => {
    const hash = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex');
    const salt = Buffer.from('NaCl').toString('base64');
    expect(await verifyPassword('password', `scrypt$1024$8$16$${salt}$${hash.toString('base64')}`)).toBe(true);
  });

  it('lets nobody in as nobody', async () => {
    expect(await verifyPassword('', NOBODYS_HASH)).toBe(false);
    expect(await verifyPassword('password', NOBODYS_HASH)).toBe(false);
    expect(await verifyPassword('password', 'plain$password')).toBe(false);
  });
});

describe('keys', () => {
  it('have 128 random bits in the form of an upper-case GUID', () => {
    const ones = { next: () => 0, bytes: (length: number) => new Uint8Array(length).fill(255) };
    expect(newKey(ones)).toBe('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF');
    expect(newKey(systemRandom)).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(newKey(systemRandom)).not.toBe(newKey(systemRandom));
    expect(newPassword(systemRandom)).toMatch(/^[\w-]{20}$/);
  });

  it('are stored as SHA-256 and shown by their last four', () => {
    expect(hashKey('abc').toString('hex')).toMatch(
      /^ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad$/,
    );
    expect(maskKey('5A3F')).toBe('********-****-****-****-********5A3F');
  });
});
