import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import type { Random } from '@veredus/protocols/random';
import { storable } from '../../db/storable.ts';
import { linkText, newCode } from '../../links/codes.ts';
import { checkLongUrl } from '../../links/long-url.ts';
import { fillSlots, slotsOf } from '../../links/slots.ts';
import type { Draft } from '../../messages/accept.ts';
import { findUrl } from './find-url.ts';

export interface LinkParts {
  random: Random;
  /** In front of the codes of short links. */
  linkBase(): string;
}

/**
 * What stands in the texts of one call for the links its recipients will get: of their length, so that it is counted and
 * priced as they are. Drawn for each call, so that no field of a contact can hold one and be made a link.
 */
export interface Places {
  base: string;
  url: string;
  optOut: string;
  /** Whether the first URL of each text becomes a short link. */
  shorten: boolean;
}

/** The links of one text. */
export interface PlacedLinks {
  /** Where its short link leads; null = it has none. */
  url: string | null;
  /** How many places it has, of either kind. */
  count: number;
}

export interface PlacedText {
  literals: readonly string[];
  /** Null = the text is as it was. */
  links: PlacedLinks | null;
}

const OPT_OUT_SLOT = 'StopMsg.me/xxxxx';

/** Null for a call without links, which then pays no more than this look at each text: no slot is without a slash. */
export function placesFor(parts: LinkParts, messages: readonly SmsMessage[], shorten: boolean): Places | null {
  if (!shorten && !messages.some(({ body }) => body.includes('/') && slotsOf(body).optOut)) return null;
  const base = parts.linkBase();
  const draw = () => linkText(base, newCode(parts.random));
  return { base, url: draw(), optOut: draw(), shorten };
}

/** A text, in the pieces between its merge fields, with places where its links will stand. */
export function placeLinks(literals: readonly string[], places: Places): PlacedText {
  const shortened = places.shorten ? placeUrl(literals, places) : { literals, url: null };
  const filled = shortened.literals.map((literal) => fillSlots(literal, { optOut: places.optOut }));
  const count = filled.reduce((sum, literal) => sum + countPlaces(literal, places), 0);
  return count === 0 ? { literals, links: null } : { literals: filled, links: { url: shortened.url, count } };
}

function placeUrl(literals: readonly string[], places: Places): { literals: readonly string[]; url: string | null } {
  const found = findUrl(literals);
  const read = found && checkLongUrl(found.url);
  if (!found || !read?.ok) return { literals, url: null };
  const literal = literals[found.literal]!;
  const end = found.start + found.url.length;
  const placed = literal.slice(0, found.start) + places.url + literal.slice(end);
  return { literals: literals.with(found.literal, placed), url: read.url };
}

/** A text that was cut may have lost a link, or half of one: it is refused. One that is refused shows its `text` as it was asked for. */
export function checkPlaces(draft: Draft, text: string, links: PlacedLinks, places: Places): void {
  if (draft.refusal === null && countPlaces(draft.body, places) < links.count) {
    const words = `body would be cut to ${draft.parts} parts, and a link in it lost or cut in two; shorten the text, or put the link further to the front.`;
    Object.assign(draft, { refusal: 'SOMETHING_IS_WRONG', words });
  }
  if (draft.refusal !== null) draft.body = askedText(storable(text), links, places);
}

/** The text as it was asked for, before its links. */
export const askedText = (body: string, { url }: PlacedLinks, places: Places): string =>
  body.replaceAll(places.url, () => url ?? '').replaceAll(places.optOut, OPT_OUT_SLOT);

const countPlaces = (text: string, { url, optOut }: Places): number =>
  text.split(url).length + text.split(optOut).length - 2;
