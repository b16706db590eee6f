import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choicesByCountry, classifySender } from './senders.ts';

describe('classifySender', () => {
  it('takes an empty sender for the shared number', () => {
    expect(classifySender('', 'AU')).toEqual({ kind: 'shared', sender: '' });
  });

  it.each(['KoalaCo', 'ABC', 'Koala+Shop', '24seven', '1234567890x', 'x1+'])('%j is an alpha tag', (raw) => {
    expect(classifySender(raw, 'AU')).toEqual({ kind: 'alpha', sender: raw });
  });

  it.each([
    ['+61422222222', 'US', '+61422222222'],
    [' 61422222222', 'US', '+61422222222'],
    ['0422222222', 'AU', '+61422222222'],
    ['+61 422 222 222', 'AU', '+61422222222'],
    // 11 characters, letters digits and +, a non-digit: a tag to the letter of the contract, yet plainly a number.
    ['+6421123456', 'AU', '+6421123456'],
  ])('%j in %s is the number %s', (raw, country, sender) => {
    expect(classifySender(raw, country)).toEqual({ kind: 'number', sender });
  });

  it.each([
    ['ab', 'two characters'],
    ['KoalaCompany', 'twelve characters'],
    ['My Shop', 'a space'],
    [' KoalaCo', 'a space in front'],
    ['KoalaCo\n', 'a line feed behind'],
    ['Koala-Co', 'a hyphen'],
    ['Кoala', 'a Cyrillic letter'],
    ['Café', 'a letter beyond ASCII'],
    ['Ko\u200bala', 'an invisible character'],
    ['Koala\u0000', 'a control character'],
    [' ', 'a space alone'],
    ['123', 'digits alone, and no number'],
    ['12345', 'a short code'],
    ['+123', 'a plus and digits that are no number'],
    ['+6142222222', 'a number that lacks a digit'],
    ['+611900123456', 'a premium-rate number'],
    ['1234567890123456', '16 digits'],
  ])('refuses %j: %s', (raw) => {
    expect(classifySender(raw, 'AU')).toBeNull();
  });

  it('gives back nothing a carrier could not put in a source address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 14 }), fc.string({ unit: 'binary', maxLength: 14 })), (raw) => {
        const sender = classifySender(raw, 'AU');
        if (!sender) return;
        expect(sender.sender).toMatch(
          { shared: /^$/, alpha: /^[A-Za-z0-9+]{3,11}$/, number: /^\+\d{5,15}$/ }[sender.kind],
        );
      }),
      { seed: 17, numRuns: 3000 },
    );
  });
});

describe('choicesByCountry', () => {
  const chosen = (choice: object) => [...choicesByCountry([{ recipient_country_code: 'AU', ...choice }])][0];

  it.each([
    [{ sender_id: 'KoalaCo' }, { kind: 'alpha', sender: 'KoalaCo' }],
    [
      { sender_id: 'KoalaCo', sender_type: 'shared_longcode' },
      { kind: 'alpha', sender: 'KoalaCo' },
    ],
    [{ sender_id: '0422222222' }, { kind: 'number', sender: '+61422222222' }],
    [
      { sender_id: '021123456', sender_country_code: 'NZ' },
      { kind: 'number', sender: '+6421123456' },
    ],
    [{ sender_type: 'shared_longcode' }, { kind: 'shared', sender: '' }],
    [
      { sender_id: '', sender_type: 'SHARED_SHORTCODE' },
      { kind: 'shared', sender: '' },
    ],
    [{ sender_id: 'My Shop' }, null],
  ])('%j is %j', (choice, sender) => expect(chosen(choice)).toEqual(['AU', sender]));

  it.each([{}, { sender_id: null }, { sender_id: '' }, { sender_type: 'alpha_tag' }])('%j is no choice', (choice) => {
    expect(chosen(choice)).toBeUndefined();
  });

  it('knows a country in any letter case, and takes the later of two', () => {
    const two = ['One', 'Two'].map((sender_id, i) => ({ recipient_country_code: ['au', 'AU'][i]!, sender_id }));
    expect([...choicesByCountry(two)]).toEqual([['AU', { kind: 'alpha', sender: 'Two' }]]);
  });
});
