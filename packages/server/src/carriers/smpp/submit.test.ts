import { readText } from '@veredus/protocols/smpp/text';
import { describe, expect, it } from 'vitest';
import type { Outgoing } from '../../messages/carrier.ts';
import { readSmppUrl, type SmppSettings } from './settings.ts';
import { submitsOf } from './submit.ts';

const settings = (query = ''): SmppSettings => {
  const read = readSmppUrl(new URL(`smpp://u:p@host?${query}`));
  if ('faults' in read) throw new Error(read.faults.join(' '));
  return read;
};
const outgoing = (body: string, sender = 'Bakehouse'): Outgoing => ({
  id: 'm',
  recipient: '+61411111111',
  sender,
  body,
  parts: 1,
  validUntil: 86_400_000,
});
const submits = (body: string, query = '', sender = 'Bakehouse') =>
  submitsOf(outgoing(body, sender), settings(query), 0x1234, 0);
const long = 'It is €5 a loaf. '.repeat(20);

describe('what leaves for a message', () => {
  it('names its addresses by their kind, asks for a receipt and says how long it is worth sending', () => {
    const [alpha] = submits('Hi');
    expect(alpha).toMatchObject({
      sourceTon: 5,
      sourceNpi: 0,
      source: 'Bakehouse',
      destinationTon: 1,
      destinationNpi: 1,
      destination: '61411111111',
      registeredDelivery: 1,
      validityPeriod: '000001000000000R',
      dataCoding: 0,
      esmClass: 0,
    });
    expect(submits('Hi', '', '+61422222222')[0]).toMatchObject({ sourceTon: 1, sourceNpi: 1, source: '61422222222' });
    expect(submits('Hi', '', '')[0]).toMatchObject({ sourceTon: 0, sourceNpi: 0, source: '' });
    expect(submits('Hi', 'source_ton=3&source_npi=9')[0]).toMatchObject({ sourceTon: 3, sourceNpi: 9 });
  });

  it.each(['udh', 'sar'])('a long text travels in parts that a handset joins: %s', (way) => {
    const parts = submits(long, `long=${way}`).map((submit) => readText(submit));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => part.body).join('')).toBe(long);
    expect(parts.map(({ join }) => [join?.number, join?.of])).toEqual(parts.map((_, i) => [i + 1, parts.length]));
    expect(new Set(parts.map(({ join }) => join?.reference)).size).toBe(1);
  });

  it('or whole, as message_payload', () => {
    const [only, ...others] = submits(long, 'long=payload');
    expect(others).toEqual([]);
    expect(readText(only!)).toEqual({ body: long, join: null });
  });

  it.each(['udh', 'sar', 'payload'])('a long text has one coding, whatever stands in which part: %s', (way) => {
    const mixed = `${'é'.repeat(150)}${'e'.repeat(150)}`;
    const parts = submits(mixed, `long=${way}&alphabet=ascii`);
    expect(new Set(parts.map(({ dataCoding }) => dataCoding))).toEqual(new Set([3]));
    expect(parts.map((part) => readText(part, 'ascii').body).join('')).toBe(mixed);
  });

  it('a text that a Latin-1 centre cannot be told in as many octets is left too long to write', () => {
    const parts = submits(long, 'alphabet=latin1');
    expect(parts.some(({ shortMessage }) => shortMessage.length > 254)).toBe(true);
    expect(parts.map((part) => readText(part, 'latin1').body).join('')).toBe(long);
  });

  it.each(['gsm', 'latin1', 'ascii'] as const)(
    'the centre reads what was written, whatever its alphabet: %s',
    (alphabet) => {
      for (const body of ['Plain', 'Crème brûlée', 'Привет', 'a 😀', '€5', 'Ω and Å']) {
        const [submit] = submits(body, `alphabet=${alphabet}`);
        expect(readText(submit!, alphabet).body).toBe(body);
      }
    },
  );
});
