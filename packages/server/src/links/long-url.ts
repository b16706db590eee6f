/** ClickSend's limit of `url_to_shorten`. */
export const LONG_URL_LIMIT = 250;

export type LongUrlReading =
  | { ok: true; url: string }
  /** `words` goes on from the field's name. */
  | { ok: false; words: string };

/**
 * Whether a short link may lead to `text`: a web address with a host, without a password in it, that a browser takes as it
 * stands. Answers it without the spaces around it.
 */
export function checkLongUrl(text: string): LongUrlReading {
  const url = text.trim();
  const refused = (words: string): LongUrlReading => ({ ok: false, words });
  if (url.length > LONG_URL_LIMIT) return refused(`must have ${LONG_URL_LIMIT} characters at most, not ${url.length}.`);
  if (!/^https?:\/\//i.test(url)) return refused('must begin with http:// or https://.');
  // Browsers drop tabs and line breaks inside an address, so what is checked would not be what is opened.
  if (/[\s\p{Cc}\p{Cs}\\]/u.test(url)) return refused('must have no spaces, backslashes or control characters in it.');
  if (!URL.canParse(url)) return refused('is no web address.');
  const { hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return refused('must have no user name or password in it.');
  if (hostname === '') return refused('must name a host.');
  return { ok: true, url };
}
