import { from } from '../promise.ts';

/** What happens to an account, as a stream and in pages. */
export const events = {
  ...from('docs/events.md', {
    'events:order': 'The order of events is final: what commits late stands behind what was read, and is never missed.',
    'events:shape': 'A message’s new state is told in ClickSend’s words; everything else with its facts as they are.',
    'events:page': 'Pages lead on by next, also through the middle of a chunk, to the same events as the stream.',
    'events:resume': 'A reader that was cut off goes on behind the last id it has, without a gap and without a repeat.',
    'events:reset':
      'An id that cannot be gone on from is answered with a reset that says why, and the stream goes on from the present.',
    'events:kinds': 'A reader may ask for some kinds only; a kind that does not exist is refused with those that do.',
    'events:beat': 'A stream on which nothing happens gives a sign of life every 15 seconds.',
    'events:slow': 'A reader that does not read is given nothing more, and is cut off after 30 seconds.',
    'events:caps': 'An account has 20 streams and a server 500; one more is 429, and a closed one makes room.',
    'events:welcome': 'A stream ends within a minute of its key being revoked, or its user or account being shut out.',
    'events:stop': 'A server that stops ends every stream with a comment and waits for none of them.',
    'events:shared':
      'All streams of a server ask for news in one statement, and those at one place share what is read.',
    'events:own': 'No stream and no page shows anything of another account.',
    'events:kept':
      'Events can be read for 7 days; then they are deleted, unless a rule or a mail still waits for them.',
    'events:client':
      'The npm package eventsource follows a server as it is, and goes on by itself when it was cut off.',
    'events:sources':
      'The turns of a campaign and the end of an import are told in the transaction in which they happen.',
  }),
} as const;
