const SECRETS = /^(api_?key|password|secret|client_secret)$/i;
export const HIDDEN = '••••••••';

/**
 * An answer without the keys ClickSend puts into it (GET /account carries the API key itself): what a model reads ends up in
 * logs and conversations.
 */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const secret = SECRETS.test(name) && (typeof inner === 'string' ? inner !== '' : typeof inner === 'number');
      return [name, secret ? HIDDEN : maskSecrets(inner)];
    }),
  );
}
