/** Names under which people keep what must not be seen. A word of the name is enough: `webhook_secret`, `x-api-key`, `accessToken`. */
const WORDS = new Set([
  ...['password', 'passwords', 'passwd', 'passphrase', 'passcode', 'pwd', 'pass', 'pin', 'otp', 'secret', 'secrets'],
  ...['token', 'tokens', 'jwt', 'key', 'keys', 'apikey', 'authorization', 'authentication', 'auth', 'bearer', 'cookie'],
  ...['credential', 'credentials', 'signature', 'sig', 'session', 'sid'],
]);
/** Written together: `accesstoken`, `privatekey`. */
const PARTS =
  /passw(or)?d|passphrase|secret|token|apikey|authorization|credential|(access|private|signing|shared|auth)key/;
/** Chosen by callers so that a repetition is known; whoever reads the log looks for it. */
const OPEN = new Set(['idempotencykey', 'publickey']);

/** Whether what stands under this name is taken for a secret. */
export function isSecretName(name: string): boolean {
  const spaced = name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const words = spaced.split(/[^a-z0-9]+/);
  const squeezed = words.join('');
  if (OPEN.has(squeezed)) return false;
  return words.some((word) => WORDS.has(word)) || PARTS.test(squeezed);
}
