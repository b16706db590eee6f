import { z } from 'zod';
import { filledText, id, unixSeconds, webUrl } from '../fields.ts';

/** Where the short link stands, by any of the three names ClickSend has had for it; as the server reads them. */
const URL_SLOT = /(?<![\w.@-])(?:https?:\/\/)?(?:smsg\.io|smsg\.us|smsu\.io)\/x{5,6}(?!\w)/i;

/** @param schedule how it is described, since its absence means something else in an update. */
export const campaignFields = (schedule: string) => ({
  body: filledText().describe(
    'The text. (First Name), (Last Name) and (Cust. 1) to (Cust. 4) are replaced by what the contact has. Marketing needs a way to opt out: "Reply STOP to opt out", or the link StopMsg.me/xxxxx, which becomes one of each recipient\'s own.',
  ),
  from: z
    .string()
    .optional()
    .describe(
      "Who it comes from: a number of the account in international form, as +61353787448, or a business name of 3 to 11 letters and digits. Leave it out for the account's usual sender.",
    ),
  name: filledText().describe('The name the campaign is found by. Recipients do not see it.'),
  list_id: id().describe('The contact list to write to: every contact of it. CLICKSEND_GET_LISTS lists them.'),
  schedule: unixSeconds().optional().describe(schedule),
  url_to_shorten: webUrl()
    .optional()
    .describe('A URL to be shortened. The body must hold http://smsg.io/xxxxx where the short link shall stand.'),
});

type Linked = { body: string; url_to_shorten?: string | undefined };

/** A URL needs its place in the text, and the place a URL: else people get a link that leads nowhere. */
export function checkShortLink({ body, url_to_shorten }: Linked, context: z.core.$RefinementCtx): void {
  const hasSlot = URL_SLOT.test(body);
  if (url_to_shorten !== undefined && !hasSlot) {
    const message = 'has no place in body: write http://smsg.io/xxxxx in body where the short link shall stand.';
    context.addIssue({ code: 'custom', path: ['url_to_shorten'], message });
  }
  if (url_to_shorten === undefined && hasSlot) {
    const message = 'holds the place of a short link: give url_to_shorten as well, or take smsg.io/xxxxx out of it.';
    context.addIssue({ code: 'custom', path: ['body'], message });
  }
}
