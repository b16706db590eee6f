import { storable } from '../db/storable.ts';
import { isSecretName } from './secret-names.ts';

export const MASK = '***';

/** What is looked at; more is cut before. */
const READ = 20_000;
/** `scheme://user:password@`: whatever stands before the last @ of the server's part, as browsers read it. */
const USERINFO = /\b([a-z][a-z0-9+.-]{1,20}:\/{1,3})[^\s/?#"'<>]{1,2000}@/gi;
/** A term of a query or of a form. */
const TERM = /([?&;#]|^)([\w.[\]%-]{1,100})=([^\s&;#"'<>]{1,5000})/g;
/** `Authorization: Bearer ...` inside a text. A digit tells a credential from a word such as "basic information". */
const HEADER = /\b(bearer|basic)\s+(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{12,}/gi;
/** `password: hunter2`, `"api_key": "…"`, `token=…` in prose and in JSON that came as text, also as text within text. */
const PAIR =
  /(\\?["']?)\b([\w-]{2,60})\1(\s{0,3}[:=]\s{0,3})("(?:[^"\\]|\\.){1,5000}"|'[^']{1,5000}'|\\"[^"]{1,5000}"|[^\s"',;&}\]]{1,5000})/g;
/** Words that also stand before a colon in what people write to each other. */
const EVERYDAY = /^(keys?|pass|session|auth|authentication|signature)$/i;

/** A text with the secrets in it masked: those of URLs, of headers and of `name: value`. Long ones are cut. */
export function maskText(text: string, limit: number): string {
  const read = text.length > READ ? text.slice(0, READ) : text;
  const masked = read
    .replace(USERINFO, `$1${MASK}@`)
    .replace(HEADER, `$1 ${MASK}`)
    .replace(TERM, (whole, before: string, name: string) =>
      isSecretName(decoded(name)) ? `${before}${name}=${MASK}` : whole,
    )
    .replace(PAIR, (whole, quote: string, name: string, between: string, value: string) =>
      isSecretName(name) && !(EVERYDAY.test(name) && quote === '' && between.includes(':'))
        ? `${quote}${name}${quote}${between}${maskLike(value)}`
        : whole,
    );
  return cut(storable(masked), text.length, limit);
}

/** With its quotes, so that JSON stays JSON. */
function maskLike(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? '';
  return `${quote}${MASK}${quote}`;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** `length` is of the whole text, in characters as JavaScript counts them. */
function cut(text: string, length: number, limit: number): string {
  if (text.length <= limit && length <= READ) return text;
  const kept = text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  return `${kept}… (${length} characters)`;
}
