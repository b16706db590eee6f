import { from } from '../promise.ts';

/** What holds whatever happens, and the faults under which it is shown to hold. Numbers are stable; the gaps are other parts'. */
export const resilience = {
  ...from('ARCHITECTURE.md#what-must-hold', {
    'invariant:I1': 'Durable accept: SUCCESS means message, price and reservation are committed.',
    'invariant:I2': 'Nothing lost: accepted = finished + in flight + unknown, at all times.',
    'invariant:I3':
      'Nothing doubled: each part is submitted at most once, unless the operator asked for resends of unknown attempts; at most a window is unknown per bind and crash.',
    'invariant:I4': 'Idempotent: one key, one effect, one answer, however requests interleave.',
    'invariant:I5': 'Money: the ledger is balanced and never rewritten; what is available never falls below the limit.',
    'invariant:I6': 'Monotonic status: states move along the allowed graph only, and delivered is final.',
    'invariant:I7': 'Opt-out wins: once it is committed, no message to that address is submitted, whatever its path.',
    'invariant:I8': 'No account reads or writes anything of another.',
    'invariant:I9':
      'Webhooks at least once: each event reaches a 2xx or the dead letters, its id constant; a slow endpoint delays no other.',
    'invariant:I10': 'Never early: a scheduled message does not leave before its time.',
    'invariant:I11': 'Bounded: hostile input is refused, and costs neither the process nor its memory.',
    'invariant:I12': 'Secrets stay secret: no key or password in logs, errors, metrics or answers.',
  }),
  ...from('ARCHITECTURE.md#how-it-is-tested', {
    'fault:kill-cycles':
      'Kill -9 at random points, again and again: nothing lost, nothing silently repeated, no drift.',
    'fault:F1': 'Kill -9 while 10,000 messages are sent through the API.',
    'fault:F2': 'Kill -9 between a submit and its response.',
    'fault:F3': 'Kill -9 between the response and our commit.',
    'fault:F4': 'Kill -9 between our commit and the 200.',
    'fault:F11': 'The SMSC hangs up with a full window.',
    'fault:F12': 'A submit is never answered.',
    'fault:F13': 'A submit is answered after the time-out.',
    'fault:F14': 'The SMSC throttles, or its queue is full.',
    'fault:F15': 'The receipt comes before the response.',
    'fault:F16': 'The same receipt comes five times, also after a restart.',
    'fault:F17': 'Receipts come out of order.',
    'fault:F18': 'Receipt ids come in another base, padding or case.',
    'fault:F19': 'The receipt comes on another bind, after a restart, or a day later.',
    'fault:F20': 'Receipts flood in while messages are submitted, and the server is killed in the middle.',
    'fault:F21': 'Receipts and messages from handsets come while the database is away.',
    'fault:F22': 'One part of several is rejected.',
    'fault:F27': 'A slow webhook receiver with thousands of events waiting.',
    'fault:F28': 'A webhook receiver that fails for three days, then works; and one that never does.',
    'fault:F29': 'A webhook receiver that redirects to an address inside.',
    'fault:F30': "A webhook receiver's answer that is endless, a gigabyte, or a gzip bomb.",
    'fault:F34': 'STOP arrives while messages to the same number are under way.',
    'fault:F32': 'A schedule was missed by too much while nobody was there to keep it.',
    'fault:F33': 'A running campaign is paused and resumed again and again.',
    'fault:F35': '200 parallel sends against money for 100.',
    'fault:F36': 'Prices change while messages wait.',
    'fault:F37': 'A million prices of a third of a cent.',
    'fault:F38': '64 clients use one Idempotency-Key, then one changes the body.',
    'fault:F39': 'A carrier delivers one text five times, and two nodes ask the rules at once.',
    'fault:F40': 'An answering machine answers each auto reply.',
    'fault:F41': 'A push leads to a text that leads to a push.',
    'fault:F42': 'CSV at its worst: formulas, marks, encodings, NULs, open quotes, a million columns, mixed line ends.',
    'fault:F43':
      'Workbooks at their worst: bombs, lies about sizes, external entities, too many columns and rows, formulas.',
    'fault:F44': 'Huge, deep, wide, repeated and prototype-poisoning JSON.',
    'fault:F48':
      'URLs that aim inside: every spelling of private addresses, mixed and changing answers of name servers, redirects.',
    'fault:F49': 'SQL in q, order_by, names and texts.',
    'fault:F51': "Unicode at its worst: marks, joiners, lone surrogates, NUL, extension characters at a part's edge.",
    'fault:F52': 'Phone numbers as people write them, and those that are none.',
    'fault:F53': 'Credential stuffing and user enumeration.',
    'fault:F54': 'Every endpoint with no key, a wrong, a read-only, a revoked one.',
    'fault:F55': 'Ids of another account in every path, query and body.',
    'fault:F56': 'Fields a caller may not set: account, price, status, balance.',
    'fault:F58':
      'A connect link that is forged, replayed, opened elsewhere or aimed at another host: state, callback, javascript: URLs.',
    'fault:F59': 'Secrets used over every face, rightly and wrongly, are looked for wherever something is written.',
    'fault:F60':
      'MCP at its worst: the same call again after a cut stream, a forged requestState, a key for another place, a list that changes its order.',
  }),
} as const;
