/** A username with a secret that is either an API key or the user's password: HTTP Basic cannot tell which. */
export interface Credentials {
  username: string;
  secret: string;
}

const BASIC = /^basic[ \t]+([A-Za-z0-9+/=_-]+)[ \t]*$/i;
/** Beyond this nothing can be right: usernames end at 128 characters, passwords at 256. */
export const MAX_SECRET = 1024;

/**
 * Takes an `Authorization` header apart (RFC 7617: UTF-8, the first colon divides, so a secret may hold colons).
 * Null = no usable credentials: another scheme, not Base64, no colon, an empty half.
 */
export function parseBasic(header: string): Credentials | null {
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return null;
  // PostgreSQL cannot hold U+0000; no stored name has it, so a name with a replacement character fails just the same.
  const text = Buffer.from(encoded, 'base64').toString('utf8').replaceAll('\0', '\ufffd');
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) return null;
  return { username: text.slice(0, colon), secret: text.slice(colon + 1) };
}
