import { Refusal } from '../refusal.ts';
import type { Credentials } from './vault.ts';

const USERNAME = 128;
const PASSWORD = 256;

/** Credentials as they can be used, or the fields to what is wrong with them. None of the words repeats what was given. */
export function readCredentials(
  given: Credentials,
): { ok: true; credentials: Credentials } | { ok: false; fields: Record<string, string> } {
  const username = given.username.trim();
  const { password } = given;
  const fields: Record<string, string> = {};
  const name = faultOfUsername(username);
  if (name) fields.username = name;
  if (password === '') fields.password = 'Password or API key: it is required.';
  else if (password.length > PASSWORD) fields.password = `Password or API key: at most ${PASSWORD} characters.`;
  else if (isOdd(password))
    fields.password = 'Password or API key: it holds a line break or another invisible character.';
  return Object.keys(fields).length > 0 ? { ok: false, fields } : { ok: true, credentials: { username, password } };
}

/** @throws Refusal bad-request with the fields. */
export function checkCredentials(given: Credentials): Credentials {
  const read = readCredentials(given);
  if (read.ok) return read.credentials;
  throw new Refusal('bad-request', Object.values(read.fields).join(' '), { fields: read.fields });
}

function faultOfUsername(username: string): string | null {
  if (username === '') return 'Username: it is required.';
  if (username.length > USERNAME) return `Username: at most ${USERNAME} characters.`;
  // HTTP Basic divides at the first colon.
  if (username.includes(':')) return 'Username: it cannot hold a colon.';
  return isOdd(username) ? 'Username: it holds a line break or another invisible character.' : null;
}

function isOdd(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed();
}
