import { slotsOf } from '../links/slots.ts';
import { Refusal } from '../refusal.ts';
import type { NewCampaign } from './campaign.ts';

/** Ways a text tells how to opt out by a reply: the word in capitals, as such lines are written, or named as what to send. */
const STOP_WORDS =
  'STOPALL|STOP|UNSUBSCRIBE|OPT[ -]?OUT|END|QUIT|CANCEL|STOPP|ARR[EÊ]T|BAJA|SAIR|PARAR|ANNULLA|UIT|AFMELDEN|ABMELDEN|WYPISZ';
const IN_CAPITALS = new RegExp(`(?<![\\p{L}\\p{N}])(?:${STOP_WORDS})(?![\\p{L}\\p{N}])`, 'u');
const NAMED = new RegExp(`(?:reply|text|txt|send|answer)\\s+["'“‘«]?(?:${STOP_WORDS})(?![\\p{L}\\p{N}])`, 'iu');
const BY_NAME = /(?<![\p{L}\p{N}])(?:unsubscribe|opt[ -]?out)(?![\p{L}\p{N}])/iu;

export const offersStop = (body: string): boolean => IN_CAPITALS.test(body) || NAMED.test(body) || BY_NAME.test(body);

/**
 * What is said of a campaign's text, beside whether it can be sent: no way out of it.
 *
 * @param canBeAnswered whether a reply of STOP would reach the account.
 * @throws Refusal bad-request where the account requires a way out, `url_to_shorten` has no place in the text, or a place has
 *   no address.
 */
export function checkWording(
  campaign: Pick<NewCampaign, 'body' | 'urlToShorten'>,
  canBeAnswered: boolean,
  rule: 'off' | 'warn' | 'require',
): string[] {
  const slots = slotsOf(campaign.body);
  const warnings: string[] = [];
  if (campaign.urlToShorten !== null && !slots.url) {
    const words = 'url_to_shorten needs its place in body: write smsg.io/xxxxx where the short link shall stand.';
    throw new Refusal('bad-request', words, { fields: { url_to_shorten: words } });
  }
  if (campaign.urlToShorten === null && slots.url) {
    const words = 'body holds the place of a short link: give url_to_shorten, or take smsg.io/xxxxx out of the text.';
    throw new Refusal('bad-request', words, { fields: { body: words } });
  }
  const words = missingWayOut(slots.optOut, offersStop(campaign.body), canBeAnswered);
  if (words !== null && rule === 'require') throw new Refusal('bad-request', words, { fields: { body: words } });
  if (words !== null && rule === 'warn') warnings.push(words);
  return warnings;
}

function missingWayOut(hasLink: boolean, saysStop: boolean, canBeAnswered: boolean): string | null {
  if (hasLink) return null;
  if (!canBeAnswered) {
    return 'body offers no way to opt out: nobody can reply to this sender, so the link StopMsg.me/xxxxx is needed.';
  }
  return saysStop ? null : 'body offers no way to opt out: add the link StopMsg.me/xxxxx, or words such as Reply STOP.';
}
