import { describe, expect, it } from 'vitest';
import { candidateKeys, combineParts, RECEIPT_STATES, sameHandset, upstreamKey } from './receipt.ts';
import { Status } from './status.ts';

const number = 0x1a2b3c;
const forms = {
  hex: number.toString(16),
  'upper-case hex': number.toString(16).toUpperCase(),
  'padded hex': number.toString(16).padStart(10, '0'),
  decimal: String(number),
  'padded decimal': String(number).padStart(12, '0'),
};

describe('matching a receipt to its response', () => {
  for (const [response, id] of Object.entries(forms)) {
    for (const [receipt, written] of Object.entries(forms)) {
      it(`a response in ${response} is found by a receipt in ${receipt}`, () => {
        expect(candidateKeys(written, 'auto')).toContain(upstreamKey(id));
      });
    }
  }

  it('a carrier with one known form has one candidate only', () => {
    expect(candidateKeys('16', 'same')).toEqual(['16']);
    expect(candidateKeys('16', 'decimal-of-hex')).toEqual(['10']);
    expect(candidateKeys('10', 'hex-of-decimal')).toEqual(['16']);
  });

  it('ids that are no numbers are taken as they are', () => {
    expect(candidateKeys('Msg-00A7', 'auto')).toEqual(['msg-00a7']);
    expect(upstreamKey('0')).toBe('0');
  });

  it('a handset is the same with or without plus and country', () => {
    expect(sameHandset('61411111111', '+61411111111')).toBe(true);
    expect(sameHandset('0411111111', '+61411111111')).toBe(true);
    expect(sameHandset(null, '+61411111111')).toBe(true);
    expect(sameHandset('61411111112', '+61411111111')).toBe(false);
    expect(sameHandset('1111', '+61411111111')).toBe(false);
  });
});

describe('the receipts of several parts', () => {
  const { delivered, undeliverable, expired, enroute } = RECEIPT_STATES;
  it('deliver the message when the last part is delivered', () => {
    expect(combineParts([delivered, null, delivered])).toBeNull();
    expect(combineParts([delivered, enroute, delivered])).toBeNull();
    expect(combineParts([delivered, delivered, delivered])).toBe(Status.delivered);
  });
  it('fail it as soon as one part failed', () => {
    expect(combineParts([null, undeliverable, delivered])).toBe(Status.failed);
    expect(combineParts([expired, delivered])).toBe(Status.expired);
  });
});
