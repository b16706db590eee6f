import { readReceipt } from '@veredus/protocols/smpp/receipts';
import { readText } from '@veredus/protocols/smpp/text';
import { TAG, tlvBytes } from '@veredus/protocols/smpp/tlv';
import { unwritableMessage } from '@veredus/protocols/smpp/unwritable';
import { describe, expect, it, test } from 'vitest';
import { DeliveryKind, type DueDelivery } from '../../esmes/delivery.ts';
import { receiptOf } from '../../esmes/receipts.ts';
import { joinParts } from './join-parts.ts';
import { deliverPdus } from './parcel.ts';

const text: DueDelivery = {
  id: '019b76da-a800-7000-8000-000000000001',
  accountId: 1,
  systemId: 'acme',
  kind: DeliveryKind.text,
  subjectId: null,
  source: '+61411111111',
  destination: '+61491570006',
  body: 'Yes',
  facts: {},
  createdAt: 0,
  expiresAt: 1,
  attempts: 1,
  claimedUntil: 0,
};

describe('a text from a handset', () => {
  it('comes with numbers as SMPP writes them', () => {
    const [pdu, ...more] = deliverPdus(text, 0x34, 7);
    expect(more).toEqual([]);
    expect(pdu).toMatchObject({ source: '61411111111', sourceTon: 1, sourceNpi: 1, destination: '61491570006' });
    expect(pdu).toMatchObject({ esmClass: 0, dataCoding: 0, destinationTon: 1, destinationNpi: 1, tlvs: [] });
    expect(readText(pdu!).body).toBe('Yes');
    expect(deliverPdus({ ...text, source: 'InfoSMS' }, 0x34, 7)[0]).toMatchObject({ source: 'InfoSMS', sourceTon: 5 });
  });

  test.each(['x'.repeat(161), '€'.repeat(300), 'Γειά 🍞 '.repeat(60), '[Ä]\n'.repeat(100)])(
    'that is long goes in parts that read as it was',
    (body) => {
      const pdus = deliverPdus({ ...text, body }, 0x34, 300);
      expect(pdus.map(unwritableMessage)).toEqual(pdus.map(() => null));
      const read = pdus.map((pdu) => readText(pdu));
      expect(new Set(read.map(({ join }) => join?.reference))).toEqual(new Set([300 & 0xff]));
      const parts = read.map((one) => ({ number: one.join!.number, body: one.body }));
      expect(joinParts(parts, read[0]!.join!.of)?.body).toBe(body);
    },
  );

  it('of more than ten parts goes whole, in message_payload', () => {
    const body = 'Ж'.repeat(1_000);
    const [pdu, ...more] = deliverPdus({ ...text, body }, 0x34, 1);
    expect(more).toEqual([]);
    expect(tlvBytes(pdu!.tlvs, TAG.message_payload)).toHaveLength(2_000);
    expect(readText(pdu!).body).toBe(body);
  });
});

describe('a receipt', () => {
  const submit = {
    submitId: text.id,
    accountId: 1,
    systemId: 'acme',
    source: 'Bakehouse',
    destination: '0411111111',
    submittedAt: Date.UTC(2026, 0, 1),
    registered: 1,
  };
  const end = { state: 'undeliverable' as const, errorCode: 8, at: Date.UTC(2026, 0, 1, 1), messageId: null };
  const receipt = { ...text, ...receiptOf(submit, end, () => text.id)! };

  it('reads as one, by its text and by its parameters', () => {
    const [pdu] = deliverPdus(receipt, 0x34, 1);
    const words = readText(pdu!).body;
    expect(words).toBe(
      'id:019B76DA-A800-7000-8000-000000000001 sub:001 dlvrd:000 submit date:2601010000 done date:2601010100 ' +
        'stat:UNDELIV err:008 text:',
    );
    const expected = { messageId: text.id.toUpperCase(), state: 'undeliverable', error: '008' };
    expect(readReceipt(pdu!.esmClass, words, [])).toMatchObject(expected);
    expect(readReceipt(pdu!.esmClass, '', pdu!.tlvs)).toMatchObject({ ...expected, error: null });
    expect(pdu!.esmClass).toBe(4);
  });

  it('speaks of addresses as the ESME wrote them', () => {
    expect(deliverPdus(receipt, 0x34, 1)[0]).toMatchObject({
      source: '0411111111',
      sourceTon: 0,
      destination: 'Bakehouse',
      destinationTon: 5,
    });
  });

  it('has no optional parameters for a client of SMPP 3.3', () => {
    expect(deliverPdus(receipt, 0x33, 1)[0]!.tlvs).toEqual([]);
  });

  test.each([
    [0, 'delivered', false],
    [0, 'expired', false],
    [1, 'delivered', true],
    [1, 'undeliverable', true],
    [2, 'delivered', false],
    [2, 'expired', true],
    [3, 'delivered', true],
    [3, 'rejected', false],
  ] as const)('asked for as %i, of %s: %s', (registered, state, given) => {
    expect(receiptOf({ ...submit, registered }, { ...end, state }, () => text.id) !== null).toBe(given);
  });
});
