import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnerSecrets, OwnerSettings } from './bootstrap.ts';

/** What `<data-dir>/credentials.json` holds. */
export interface CredentialsFile {
  url: string;
  username: string;
  api_key: string;
  password: string;
  broker_key: string;
  agent_key: string;
}

const fileIn = (dataDir: string) => join(dataDir, 'credentials.json');

/** Writes the file for its owner's eyes only (mode 0600), whole or not at all. */
export async function writeCredentials(dataDir: string, url: string, secrets: OwnerSecrets): Promise<void> {
  await replace(dataDir, {
    url,
    username: secrets.username,
    api_key: secrets.apiKey,
    password: secrets.password,
    broker_key: secrets.brokerKey,
    agent_key: secrets.agentKey,
  });
}

/**
 * On a later start: the address it listens on now, and what the settings say, where they say it. The other secrets stay
 * as they stand, for the database has only their hashes. Answers false where there is no file: then nothing is written.
 */
export async function refreshCredentials(dataDir: string, url: string, settings: OwnerSettings): Promise<boolean> {
  const before = await readCredentials(dataDir);
  if (before === null) return false;
  const after = {
    ...before,
    url,
    username: settings.username ?? before.username,
    api_key: settings.apiKey ?? before.api_key,
    password: settings.password ?? before.password,
  };
  if (JSON.stringify(after) !== JSON.stringify(before)) await replace(dataDir, after);
  return true;
}

/** Null = no such file, or none that can be read as one; it is left alone then. */
export async function readCredentials(dataDir: string): Promise<CredentialsFile | null> {
  try {
    const content: unknown = JSON.parse(await readFile(fileIn(dataDir), 'utf8'));
    return typeof content === 'object' && content !== null ? (content as CredentialsFile) : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
}

async function replace(dataDir: string, content: CredentialsFile): Promise<void> {
  const temporary = `${fileIn(dataDir)}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, fileIn(dataDir));
}
