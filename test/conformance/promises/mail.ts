import { from } from '../promise.ts';

/** Mails: accepted, handed to a mail server, and tried out in the sandbox. */
export const mail = from('docs/email.md', {
  'mail:accept': 'A mail is stored with its subject, its price of nothing and what else belongs to it, or nothing is.',
  'mail:one-line': 'Whatever stands in a subject or an address, it adds no header and no recipient.',
  'mail:apart': 'Mails are in no history, receipt or statistics of SMS.',
  'mail:url':
    'A carrier URL says all there is to say of a mail server; every fault of it is named, none shows the password.',
  'mail:message-id': 'A mail has the same Message-ID at every attempt.',
  'mail:refused': 'What the server refuses for good has failed, in its own words.',
  'mail:later': 'What the server puts off, or was never out, is sent later.',
  'mail:unknown':
    'When the connection breaks after the end of a mail may have left, it is unknown, and not sent again.',
  'mail:own-fault':
    'A refused sender or sign-in costs no mail: they wait until it is mended, and the operator is told.',
  'mail:tls': 'Credentials travel encrypted to a server whose certificate is good, unless the operator says otherwise.',
  'mail:reuse': 'One connection carries many mails; one that the server has closed meanwhile costs none.',
  'mail:silence': 'A server that falls silent is given up in time.',
  'mail:sandbox': 'Without a mail carrier mails lie in the sandbox mailbox, as text and as they came, byte for byte.',
  'mail:sandbox-addresses': 'Documented addresses bounce, are put off once or break off; every other one delivers.',
  'mail:sandbox-bounded': 'The mailbox keeps the newest mails, within a number and a size.',
  'mail:owner': 'Where notices to a user go is set by VEREDUS_EMAIL for the owner, and by a command for everyone.',
});
