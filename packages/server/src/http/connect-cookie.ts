import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Longer than a link lives: what is shown once it is used is for the same browser. */
const KEPT_S = 60 * 60;
const SECRET = /^[\w-]{16,128}$/;

/** What binds a link to a browser: a secret in a cookie of this page alone, and a form that proves it was drawn for it. */
export interface CookiePlace {
  /** Where callers reach this server. */
  publicUrl: string;
  token: string;
}

/** Of its own for each link, so that two links in one browser do not take each other's place. */
function nameOf({ token }: CookiePlace): string {
  return `veredus_connect_${createHash('sha256').update(token).digest('hex').slice(0, 16)}`;
}

/** The secret a browser brought along for this link; null = none, or nothing we ever gave out. */
export function readBrowser(headers: IncomingHttpHeaders, place: CookiePlace): string | null {
  const name = `${nameOf(place)}=`;
  const pair = (headers.cookie ?? '').split(';').find((piece) => piece.trim().startsWith(name));
  const value = pair?.trim().slice(name.length) ?? '';
  return SECRET.test(value) ? value : null;
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
