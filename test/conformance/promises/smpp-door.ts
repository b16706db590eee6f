import { from } from '../promise.ts';

/** The door for customers' own SMPP clients. */
export const smppDoor = {
  ...from('VEREDUS_SMPP_LISTEN', {
    'smpp-door:credentials':
      'veredus esme makes, lists, disables and removes SMPP clients; a password is shown once and stored hashed.',
    'smpp-door:bind': 'A bind with a right password is let in as what it asked for, as often as it may, and no more.',
    'smpp-door:guessing': 'Guessers of passwords wait longer and longer, and hold up nobody who has the right one.',
    'smpp-door:barred':
      'A disabled, removed or re-keyed ESME and a banned account are kept out, and put out where they are bound.',
    'smpp-door:accept':
      'A submit is answered once its message is committed, under the id REST knows it by, with price and reservation.',
    'smpp-door:one-way-in': 'Suppression, credit, own senders and the repeat guard hold here as they do in REST.',
    'smpp-door:codes': 'Each refusal has its command status, and the page shows the same table.',
    'smpp-door:coding': 'GSM, Latin-1 and UCS-2 texts are read to the letter; binary ones are refused.',
    'smpp-door:numbers': 'Numbers are read by their type, and local ones in the account’s country.',
    'smpp-door:times': 'Schedules and validities, absolute or relative, hold; a validity only shortens.',
    'smpp-door:parts': 'Parts of a long text become one message, whichever way they are split and in any order.',
    'smpp-door:parts-once': 'Two sessions with the last parts of one text make one message of it.',
    'smpp-door:parts-missing': 'Parts whose text never becomes whole are reported as undeliverable and forgotten.',
    'smpp-door:receipts': 'An ESME gets the receipts it asked for, in the text and the parameters of SMPP 3.4.',
    'smpp-door:inbound': 'Texts from handsets reach the ESME they are forwarded to, long ones in parts.',
    'smpp-door:at-least-once':
      'What is queued for an ESME waits for it for 72 hours, and is over only when it said that it has it.',
    'smpp-door:bounded':
      'What a client submits, however often it binds again, holds no more of a node, its parts no more of the table, and its refused binds no more of the log, than is written down.',
    'smpp-door:goodbye': 'A stopping node answers what it was given and unbinds.',
  }),
  ...from('Kannel (Debian package)', {
    'smpp-door:kannel': 'Kannel binds to us, sends short and long texts, and gets its receipts and the replies.',
  }),
} as const;
