import { from } from '../promise.ts';

/** Short links: what they lead to, who is counted, and the way out behind an opt-out link. */
export const links = {
  ...from('ClickSend v3: link placeholders', {
    'links:slots':
      'All three hosts of the short URL, and StopMsg.me, are slots, with or without a scheme, in any letter case.',
    'links:long-url': 'A long URL is http or https, has a host, no password, and 250 characters at most.',
    'links:click': 'A short link leads to the stored address and nowhere else, and is counted.',
    'links:machines': 'Fetches by machines are kept apart from clicks of people, with what gave them away.',
    'links:private': 'Of who clicks, a kind of device, system and browser is kept; no address and no agent text.',
    'links:opt-out-get': 'Opening an opt-out link changes nothing, whoever or whatever opens it.',
    'links:opt-out-post': 'Pressing its button opts the number out, with the sentence that was confirmed as proof.',
    'links:guessing': 'Wrong codes are slowed down by address, within bounded memory.',
    'links:pages': 'Pages run no script, show hostile names as text, and say who may frame them: nobody.',
    'links:own-host': 'With a link host of its own, codes are served at its root, and not at the root of another host.',
    'links:statistics':
      'Statistics of a campaign count people who opened; machines stand apart; the export holds the same rows.',
  }),
} as const;
