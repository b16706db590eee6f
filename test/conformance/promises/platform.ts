import { from } from '../promise.ts';

/** Accounts, money, the pipeline, carriers and protocols. */
export const platform = {
  ...from('ARCHITECTURE.md#accounts-and-access', {
    'auth:basic': 'Basic authentication takes the username with an API key or with the password.',
    'auth:keys':
      'A user has several keys: named, scoped, with the time of last use, and revocable: at once on that node, within 5 seconds on the others.',
    'auth:hashes': 'Keys and passwords are stored as hashes only; only a few password hashes run at once.',
    'auth:unknown-user': 'An unknown user and a wrong password get the same answer in the same time.',
    'auth:back-off': 'Guessing is slowed by address and by user, and a right credential is never locked out.',
    'auth:masked': 'The account answer shows the API key masked.',
    'auth:reset-password': '`veredus user reset-password` gives a user a new password.',
  }),
  ...from('ARCHITECTURE.md#money', {
    'price:rate-card': 'Price follows country and prefix of an editable rate card, per part.',
    'price:frozen': 'The price of a message is fixed at accept.',
    'ledger:reserve': 'Money is reserved at accept, captured at submit, released otherwise.',
    'ledger:credit':
      'A prepaid account is topped up by `veredus ledger credit`; without money a message is INSUFFICIENT_CREDIT.',
    'ledger:verify': '`veredus ledger verify` proves the sums and fails on a tampered row.',
    'ledger:unknown':
      'The money of an UNKNOWN message stays on hold, is released after validity and grace, and is captured by a late receipt.',
  }),
  ...from('ARCHITECTURE.md#the-life-of-a-message', {
    'accept:group':
      'Small requests share a commit; when it fails each is retried alone, so one bad row harms nobody else.',
    'idempotency:replay': 'The same Idempotency-Key and body give the same answer and no second message.',
    'idempotency:other-body': 'The same key with another body is 422.',
    'idempotency:in-flight': 'The same key in flight waits two seconds, then is 409.',
    'policy:twice': 'Suppression and policy are asked at accept and again at dispatch.',
    'dispatch:fencing': 'A node whose lease was taken over cannot send, and cannot settle.',
    'dispatch:high-water':
      'Before bytes leave, the mark that covers them is committed; beyond the mark nothing was sent.',
    'dispatch:priority': 'Transactional messages overtake campaigns.',
    'dispatch:validity': 'A message past its validity expires instead of leaving.',
    'dispatch:retry': 'A deferred message is tried again with growing pauses, until its validity ends.',
    'dispatch:unknown': 'An attempt without an answer is UNKNOWN, shown, and never silently sent again.',
    'status:table': 'One table maps every state to status, status_code and error_code.',
    'receipt:raw-first': 'A receipt is stored as it came before it is matched, and acknowledged after the commit.',
    'receipt:matching':
      'Ids match in decimal, hexadecimal, zero-padded and either case; an ambiguous one is never matched.',
    'receipt:own':
      'A message that fails without a receipt of the carrier’s gets one of ours, so that its sender hears of it.',
    'events:message-status':
      'Each new state of a message is recorded once, in the transaction that sets it, a chunk of messages a row.',
    'events:rules-due': 'Final states wait for the rules of accounts that have some, and of no others.',
    'inbound:once': 'A message from a handset is stored once per provider id and acknowledged after the commit.',
  }),
  ...from('GSM 03.38 and 03.40', {
    'gsm:alphabet': 'The default alphabet and its extension table are exact in both directions.',
    'gsm:parts': 'Part counts equal those of two independent libraries.',
    'gsm:split': 'No split parts an escape pair or a surrogate pair.',
  }),
  ...from('SMPP 3.4', {
    'smpp:codec': 'Every PDU reads and writes as recorded bytes and an independent library have it, TLVs included.',
    'smpp:bind': 'A session binds as transceiver or as transmitter and receiver, in clear or over TLS.',
    'smpp:window': 'No more than the window is outstanding and no more than the rate leaves, counted in parts.',
    'smpp:enquire-link': 'A peer that stops answering enquire_link is declared dead.',
    'smpp:reconnect': 'A lost session comes back with growing, jittered pauses.',
    'smpp:generic-nack': 'An unknown command is answered with generic_nack.',
    'smpp:fuzz': 'Whatever bytes arrive, at worst the session closes.',
    'smpp:kannel': 'Kannel binds to the sandbox, sends, and gets its receipt.',
  }),
  ...from('ARCHITECTURE.md#carriers-and-the-sandbox', {
    'carrier:smpp-url':
      'A carrier URL sets window, rate, binds, alphabet, concatenation, ton, npi, system_type and the base of receipt ids.',
    'carrier:clicksend': 'The clicksend carrier passes messages on and takes their receipts by poll or push.',
    'sandbox:phones': 'What was sent stands on the virtual phone, joined from its parts.',
    'sandbox:sentinels': 'The documented test numbers each behave in one documented way; every other number delivers.',
    'sandbox:seed': 'The same seed gives the same run.',
    'sandbox:answer': 'A virtual handset can answer.',
    'sandbox:clock': 'The sandbox clock moves when told, where it was asked for.',
    'sandbox:absent': 'Without a sandbox carrier the sandbox API is 404.',
  }),
} as const;
