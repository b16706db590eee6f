import { describe, expect, it, test } from 'vitest';
import { readReceipt, writeReceipt } from './receipts.ts';
import { NO_TLVS, numberTlv, TAG, textTlv } from './tlv.ts';

const MARKED = 0x04;
const canonical =
  'id:1a2b sub:001 dlvrd:001 submit date:2601010900 done date:2601010901 stat:DELIVRD err:000 text:Hello';

describe('the text of a receipt', () => {
  test.each([
    ['as appendix B has it', canonical],
    ['in capitals', canonical.toUpperCase().replace('1A2B', '1a2b')],
    ['with spaces after the colons', canonical.replaceAll(':', ': ')],
    ['in another order', 'stat:DELIVRD err:000 id:1a2b done date:2601010901 submit date:2601010900 text:Hello'],
    ['with underscores', canonical.replaceAll(' date', '_date')],
    ['with a text that looks like fields', `${canonical} id:zz stat:UNDELIV`],
    ['cut off before its text', canonical.slice(0, canonical.indexOf(' text'))],
  ])('is read %s', (_, text) => {
    expect(readReceipt(MARKED, text, NO_TLVS)).toEqual({
      messageId: '1a2b',
      state: 'delivered',
      error: '000',
      submitDate: '2601010900',
      doneDate: '2601010901',
    });
  });

  test.each([
    ['DELIVRD', 'delivered'],
    ['delivered', 'delivered'],
    ['EXPIRED', 'expired'],
    ['DELETED', 'deleted'],
    ['UNDELIV', 'undeliverable'],
    ['ACCEPTD', 'accepted'],
    ['ACCEPTED', 'accepted'],
    ['ENROUTE', 'enroute'],
    ['REJECTD', 'rejected'],
    ['UNKNOWN', 'unknown'],
    ['WHATEVER', 'unknown'],
  ])('stat:%s means %s', (word, state) => {
    expect(readReceipt(MARKED, canonical.replace('DELIVRD', word), NO_TLVS)).toMatchObject({
      messageId: '1a2b',
      state,
    });
  });

  it('keeps ids of 64 characters, and their zeros and case', () => {
    const id = `00${'Ab'.repeat(31)}`;
    expect(readReceipt(MARKED, canonical.replace('1a2b', id), NO_TLVS)?.messageId).toBe(id);
  });

  it('may lack anything', () => {
    const nothing = { messageId: null, state: 'unknown', error: null, submitDate: null, doneDate: null };
    expect(readReceipt(MARKED, '', NO_TLVS)).toEqual(nothing);
    expect(readReceipt(MARKED, 'id: sub: stat: err: text:', NO_TLVS)).toEqual(nothing);
    expect(readReceipt(MARKED, 'id:7 stat:EXPIRED', NO_TLVS)).toMatchObject({ messageId: '7', state: 'expired' });
  });

  it('takes time in proportion, however hostile', () => {
    const start = performance.now();
    readReceipt(MARKED, 'id:'.repeat(20_000), NO_TLVS);
    readReceipt(MARKED, `id:${' '.repeat(60_000)}`, NO_TLVS);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('what makes a receipt', () => {
  it('a text from a person is none, even one that speaks of an id', () => {
    for (const text of ['STOP', 'my id: 44 stat: good', 'id:44 stat:whatever sub:1', '', 'id:5 stat:DELIVRD']) {
      expect(readReceipt(0, text, NO_TLVS)).toBeNull();
    }
  });

  it('the whole shape is one without a mark, as some centres send it', () => {
    expect(readReceipt(0, canonical, NO_TLVS)).toMatchObject({ messageId: '1a2b', state: 'delivered' });
  });

  it('the TLVs win over the text, and suffice', () => {
    const tlvs = [textTlv(TAG.receipted_message_id, 'beef'), numberTlv(TAG.message_state, 5, 1)];
    expect(readReceipt(MARKED, canonical, tlvs)).toMatchObject({ messageId: 'beef', state: 'undeliverable' });
    expect(readReceipt(0, '', tlvs)).toMatchObject({ messageId: 'beef', state: 'undeliverable', error: null });
    const error = { tag: TAG.network_error_code, value: Buffer.from([3, 0, 27]) };
    expect(readReceipt(0, '', [...tlvs, error])?.error).toBe('027');
  });

  it('an intermediate notification is one, an acknowledgement by a person is not', () => {
    expect(readReceipt(0x20, 'id:1 stat:ENROUTE', NO_TLVS)).toMatchObject({ state: 'enroute' });
    expect(readReceipt(0x10, 'thanks', NO_TLVS)).toBeNull();
  });
});

it('reads what it writes', () => {
  const text = writeReceipt({
    messageId: 'x-1',
    state: 'expired',
    error: '020',
    submittedAt: Date.UTC(2026, 0, 2, 3, 4, 59),
    doneAt: Date.UTC(2026, 11, 31, 23, 59),
    text: 'a text of more than twenty characters',
  });
  expect(text).toBe(
    'id:x-1 sub:001 dlvrd:000 submit date:2601020304 done date:2612312359 stat:EXPIRED err:020 text:a text of more than ',
  );
  expect(readReceipt(MARKED, text, NO_TLVS)).toEqual({
    messageId: 'x-1',
    state: 'expired',
    error: '020',
    submitDate: '2601020304',
    doneDate: '2612312359',
  });
});
