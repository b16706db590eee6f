import { from } from '../promise.ts';

/** Opting out: how it is asked for, what follows, and that it is kept and can be proven. */
export const optOuts = from('ARCHITECTURE.md#what-must-hold', {
  'optout:keywords': 'A keyword that is the whole text is read however it is written, in the languages of its country.',
  'optout:review': 'An opt-out word within a longer text suppresses provisionally, until somebody has looked.',
  'optout:once':
    'An opt-out writes its proof, the suppression and the Opt-Out list together. Asked for again, and by many at once, there is one suppression, and a proof of each time.',
  'optout:order':
    'What was asked for last counts, whenever it is obeyed: an opt-in that was kept waiting lifts no opt-out that came after it.',
  'optout:lift': 'Opting in again lifts it and takes the contact off the Opt-Out list; the proof of both stays.',
  'optout:reply':
    'A STOP from a handset is recognised exactly once, also after a crash, for the account that was answered.',
  'optout:api': 'Opt-outs are listed, recorded, confirmed and lifted over the API, each with the proof of it.',
});
