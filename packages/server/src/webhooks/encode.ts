import { storable } from '../db/storable.ts';

export type WebhookFields = Readonly<Record<string, string | number | null>>;

/** What is sent of an event: either a body or terms that go behind the URL's own. */
export interface Encoded {
  method: 'POST' | 'GET';
  contentType: string;
  query: string;
  body: string;
}

/** The fields as ClickSend writes them, by the rule's webhook type. */
export function encode(method: 'post' | 'get' | 'json', fields: WebhookFields): Encoded {
  if (method === 'json') {
    const clean = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cleaned(value)]));
    return { method: 'POST', contentType: 'application/json', query: '', body: JSON.stringify(clean) };
  }
  const terms = new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(cleaned(value) ?? '')]),
  ).toString();
  if (method === 'get') return { method: 'GET', contentType: '', query: terms, body: '' };
  return { method: 'POST', contentType: 'application/x-www-form-urlencoded', query: '', body: terms };
}

const cleaned = (value: string | number | null) => (typeof value === 'string' ? storable(value) : value);
