/**
 * Link placeholders: a slot for a short URL and one for an opt-out link, each replaced by a link of the recipient's own.
 * ClickSend has had three hosts for the first, with five or six letters x; all of them count.
 */

/** A slot ends where its word does, and begins where no address is under way already (`notsmsg.io`, `me@smsg.io`). */
const slot = (hosts: string, letters: string) =>
  new RegExp(String.raw`(?<![\w.@-])(https?://)?(?:${hosts})/${letters}(?!\w)`, 'gi');

const URL_SLOT = slot(String.raw`smsg\.io|smsg\.us|smsu\.io`, 'x{5,6}');
const OPT_OUT_SLOT = slot(String.raw`stopmsg\.me`, 'x{5}');

/** Which slots a text has. */
export function slotsOf(body: string): { url: boolean; optOut: boolean } {
  return { url: body.search(URL_SLOT) !== -1, optOut: body.search(OPT_OUT_SLOT) !== -1 };
}

/**
 * The text with every slot of a kind replaced by the link given for that kind (see `linkText`); without one, its slots
 * stay. A slot written with http:// or https:// keeps a scheme.
 */
export function fillSlots(body: string, links: { url?: string; optOut?: string }): string {
  const filled = links.url === undefined ? body : fill(body, URL_SLOT, links.url);
  return links.optOut === undefined ? filled : fill(filled, OPT_OUT_SLOT, links.optOut);
}

function fill(body: string, pattern: RegExp, link: string): string {
  const whole = link.includes('://') ? link : `https://${link}`;
  return body.replace(pattern, (_, scheme: string | undefined) => (scheme === undefined ? link : whole));
}
