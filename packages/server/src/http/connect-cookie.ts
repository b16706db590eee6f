import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Longer than a link lives: what is shown once it is used is for the same browser. */
const KEPT_S = 60 * 60;
const SECRET = /^[\w-]{16,128}$/;
/** Each costs a look at the database. */
const MOST_LOOKED_AT = 8;

/** What binds a link to a browser: a secret in a cookie of this page alone, and a form that proves it was drawn for it. */
export interface CookiePlace {
  /** Where callers reach this server. */
  publicUrl: string;
  token: string;
}

/**
 * Of its own for each link, so that two links in one browser do not take each other's place. With the prefix, browsers take
 * it over HTTPS only, also from other hosts of the domain.
 */
function nameOf({ publicUrl, token }: CookiePlace): string {
  const name = `veredus_connect_${createHash('sha256').update(token).digest('hex').slice(0, 16)}`;
  return new URL(publicUrl).protocol === 'https:' ? `__Secure-${name}` : name;
}

/**
 * What a browser brought along for this link that may be a secret of ours. Several: another host of the domain can set
 * a cookie of the same name, and which of them a browser sends first is up to that host.
 */
export function readBrowsers(headers: IncomingHttpHeaders, place: CookiePlace): string[] {
  const name = `${nameOf(place)}=`;
  const pairs = (headers.cookie ?? '').split(';').map((piece) => piece.trim());
  const values = pairs.filter((pair) => pair.startsWith(name)).map((pair) => pair.slice(name.length));
  return [...new Set(values.filter((value) => SECRET.test(value)))].slice(0, MOST_LOOKED_AT);
}

/**
 * Lax, since people come from another site's page by a link; a form on another site is sent without it all the same.
 * Whether it is for HTTPS only follows from the public URL, not from what a request says of itself.
 */
export function browserCookie(place: CookiePlace, browser: string): string {
  const { protocol, pathname } = new URL(place.publicUrl);
  const path = `${pathname.replace(/\/+$/, '')}/connect`;
  const secure = protocol === 'https:' ? '; Secure' : '';
  return `${nameOf(place)}=${browser}; Path=${path}; Max-Age=${KEPT_S}; HttpOnly; SameSite=Lax${secure}`;
}

/** Stands in the form: only who holds the cookie can have drawn it, and from it the cookie cannot be found. */
export function formProof(browser: string, token: string): string {
  return createHmac('sha256', browser).update(`connect form ${token}`).digest('base64url');
}

export function provesForm(browser: string, token: string, proof: string): boolean {
  const expected = Buffer.from(formProof(browser, token));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
