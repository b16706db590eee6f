const SECRETS = /^(api_?key|password|secret|client_secret)$/i;
export const HIDDEN = '••••••••';
/** Nothing of ClickSend's comes near it. What lies deeper is left out, since whoever reads on would run out of stack. */
const DEEPEST = 100;
export const TOO_DEEP = '…';

/**
 * An answer without the keys ClickSend puts into it (GET /account carries the API key itself): what a model reads ends up in
 * logs and conversations.
 */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((inner) => maskSecrets(inner, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const secret = SECRETS.test(name) && (typeof inner === 'string' ? inner !== '' : typeof inner === 'number');
      return [name, secret ? HIDDEN : maskSecrets(inner, depth + 1)];
    }),
  );
}
