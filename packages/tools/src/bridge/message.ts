/** A message of JSON-RPC as the bridge sorts it; it looks no further than it must. */
export type Message =
  | {
      readonly kind: 'request';
      readonly id: Id;
      readonly method: string;
      readonly params: Params;
      readonly body: object;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: Params; readonly body: object }
  /** To a question that nobody asked. */
  | { readonly kind: 'response' }
  | { readonly kind: 'wrong'; readonly id: Id | null; readonly code: number; readonly words: string };

export type Id = string | number;
export type Params = Readonly<Record<string, unknown>>;

export function readMessage(line: string): Message {
  let body: unknown;
  try {
    body = JSON.parse(line);
  } catch {
    return { kind: 'wrong', id: null, code: -32700, words: 'Parse error: this line is not valid JSON.' };
  }
  if (!isObject(body)) return wrong(null, 'One message a line, each an object: batches are not taken.');
  const { id, method } = body;
  const params = isObject(body.params) ? body.params : {};
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  if (typeof method !== 'string') {
    return 'result' in body || 'error' in body ? { kind: 'response' } : wrong(known, 'This is no message of JSON-RPC.');
  }
  if (id === undefined) return { kind: 'notification', method, params, body };
  if (known === null) return wrong(null, 'The id of a request is a text or a number.');
  return { kind: 'request', id: known, method, params, body };
}

function wrong(id: Id | null, words: string): Message {
  return { kind: 'wrong', id, code: -32600, words };
}

/** An error of JSON-RPC, as a line. `data` says whether the server may have done something. */
export function errorLine(id: Id | null, code: number, message: string, data?: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data && { data }) } });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
