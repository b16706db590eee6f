import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwnerSettings } from './bootstrap.ts';
import { refreshCredentials, writeCredentials } from './credentials.ts';

const secrets = { username: 'kim', apiKey: 'KEY', password: 'PASS', brokerKey: 'BROKER', agentKey: 'AGENT' };
const UNSET: OwnerSettings = { username: null, apiKey: null, password: null, currency: 'USD', country: 'AU' };
const written = { username: 'kim', api_key: 'KEY', password: 'PASS', broker_key: 'BROKER', agent_key: 'AGENT' };

let dir: string;
const content = async () => JSON.parse(await readFile(join(dir, 'credentials.json'), 'utf8'));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('credentials.json', () => {
  it('is for its owner’s eyes only, and leaves nothing beside it', async () => {
    await writeCredentials(dir, 'http://127.0.0.1:8080', secrets);
    expect(await content()).toEqual({ url: 'http://127.0.0.1:8080', ...written });
    expect((await stat(join(dir, 'credentials.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['credentials.json']);
  });

  it('takes the address of a later start and what the settings say, and keeps the rest', async () => {
    await writeCredentials(dir, 'http://127.0.0.1:8080', secrets);
    expect(await refreshCredentials(dir, 'http://127.0.0.1:9090', UNSET)).toBe(true);
    expect(await content()).toEqual({ url: 'http://127.0.0.1:9090', ...written });
    await refreshCredentials(dir, 'http://127.0.0.1:9090', { ...UNSET, apiKey: 'NEW', password: 'NEWPASS' });
    expect(await content()).toEqual({ url: 'http://127.0.0.1:9090', ...written, api_key: 'NEW', password: 'NEWPASS' });
    expect((await stat(join(dir, 'credentials.json'))).mode & 0o777).toBe(0o600);
  });

  it('is not made up where it is missing, nor overwritten where it cannot be read', async () => {
    expect(await refreshCredentials(dir, 'http://127.0.0.1:1', UNSET)).toBe(false);
    expect(await readdir(dir)).toEqual([]);
    await writeFile(join(dir, 'credentials.json'), 'notes of mine');
    expect(await refreshCredentials(dir, 'http://127.0.0.1:1', UNSET)).toBe(false);
    expect(await readFile(join(dir, 'credentials.json'), 'utf8')).toBe('notes of mine');
  });
});
