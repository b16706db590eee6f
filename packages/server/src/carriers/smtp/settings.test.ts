import { expect, it } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openCarrier } from '../registry.ts';
import { readSmtpUrl } from './settings.ts';

const read = (text: string) => readSmtpUrl(new URL(text));
const faultsOf = (text: string): string[] => {
  const settings = read(text);
  return 'faults' in settings ? settings.faults : [];
};

it(verifies('mail:url', 'says everything about the server'), () => {
  const url =
    'smtp://ana%40example.com:p%3Ass@mail.example.com:2525?from=no%2Breply@example.com&from_name=Rye%20%26%20Co' +
    '&envelope_from=bounces@example.com&tls=offered&tls_name=mx.example.com&helo=node.example.com&connections=2&connect_timeout=5&timeout=60';
  expect(read(url)).toEqual({
    host: 'mail.example.com',
    port: 2525,
    tls: 'offered',
    tlsName: 'mx.example.com',
    user: 'ana@example.com',
    password: 'p:ss',
    from: 'no+reply@example.com',
    fromName: 'Rye & Co',
    envelopeFrom: 'bounces@example.com',
    helo: 'node.example.com',
    connections: 2,
    connectTimeoutMs: 5_000,
    timeoutMs: 60_000,
  });
});

it.each([
  ['smtp://mail.example.com', 587, 'offered'],
  ['smtp://u:p@mail.example.com', 587, 'required'],
  ['smtp://u:p@[::1]:25', 25, 'required'],
  ['smtps://u:p@mail.example.com', 465, 'implicit'],
])('%s is port %i and TLS %s', (url, port, tls) => {
  expect(read(`${url}?from=a@b.example`)).toMatchObject({ port, tls, connections: 5, envelopeFrom: 'a@b.example' });
});

it(verifies('mail:url', 'every fault is named at once, and none shows the password'), () => {
  const faults = faultsOf(
    'smtps://u:s3cret%zz@mail.example.com/inbox?tls=off&connections=0&timeout=x&colour=red&envelope_from=me&helo=a%20b&from_name=a%0Ab',
  );
  expect(faults).toEqual([
    'colour is not a parameter; there are from, from_name, envelope_from, connections, tls, tls_name, helo, connect_timeout, timeout.',
    'The user name or the password holds a % that is no escape; write it as %25.',
    'The URL must end at its host; parameters follow after a question mark.',
    'tls=off contradicts smtps://, which is TLS from the start; write smtp:// for it.',
    'helo must be a host name, not "a b".',
    expect.stringContaining('from is missing'),
    expect.stringContaining('envelope_from must be an email address, not "me"'),
    'from_name must be one line of 100 characters at most.',
    'connections must be a whole number from 1 to 64, not "0".',
    'timeout must be a whole number from 1 to 3600, not "x".',
  ]);
  expect(faults.join()).not.toContain('s3cret');
});

it.each([
  ['smtp://mail.example.com?from=me@localhost', 'from must be an email address'],
  ['smtp://mail.example.com?from=a+b@c.example', 'a + in it is written %2B'],
  ['smtp://mail.example.com?from=a@b.example%0D%0ARCPT', 'from must be an email address'],
  ['smtp://mail.example.com?from=a@b.example&tls=maybe', 'tls must be one of required, offered, off, not "maybe"'],
  ['smtp://u@mail.example.com?from=a@b.example', 'go together'],
  ['smtp://u%0A:p@mail.example.com?from=a@b.example', 'control character'],
])('%s is refused', (url, words) => {
  expect(faultsOf(url)).toEqual([expect.stringContaining(words)]);
});

it('is a carrier of emails and not of SMS', () => {
  const parts = {} as Parameters<typeof openCarrier>[1];
  expect(openCarrier('smtp://mail.example.com?from=a@b.example', parts, 'sms')).toEqual({
    faults: ['There is no carrier for smtp:// that sends SMS; there are smpp://, smpps://, clicksend://.'],
  });
  expect(openCarrier('smpp://u:p@host', parts, 'email')).toEqual({
    faults: ['There is no carrier for smpp:// that sends emails; there are smtp://, smtps://.'],
  });
  expect(openCarrier('smtp://u:p@h.example?from=a@b.example', parts, 'email')).toMatchObject({
    name: 'smtp://h.example:587/u',
    links: 5,
  });
});
