import fc from 'fast-check';
import examples from 'libphonenumber-js/examples.mobile.json';
import { getCountries, getExampleNumber, Metadata } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { isMobileLength } from './numbering.ts';
import { normaliseRecipient, recipientByLibrary } from './numbers.ts';

/** Fault F52: the oddities people put where a number should be. */
const accepted: [raw: string, country: string, e164: string, of: string][] = [
  ['+61411111111', '', '+61411111111', 'AU'],
  ['+61 411 111 111', 'US', '+61411111111', 'AU'],
  ['+61 0411 111 111', 'AU', '+61411111111', 'AU'],
  ['+61 (0) 411-111-111', 'AU', '+61411111111', 'AU'],
  ['(+61) 411.111.111', 'AU', '+61411111111', 'AU'],
  ['\u202a+61\u00a0411\u00a0111\u2011111\u202c', 'AU', '+61411111111', 'AU'],
  [' 61411111111', 'US', '+61411111111', 'AU'],
  [' 0411111111', 'AU', '+61411111111', 'AU'],
  ['0061411111111', 'AU', '+61411111111', 'AU'],
  ['0061411111111', '', '+61411111111', 'AU'],
  ['0011 61 411 111 111', 'AU', '+61411111111', 'AU'],
  ['011 61 411 111 111', 'US', '+61411111111', 'AU'],
  // After 0011 comes Singapore; read as 00 it would be a Jamaican number.
  ['0011 65 8123 4567', 'AU', '+6581234567', 'SG'],
  ['0411 111 111', 'AU', '+61411111111', 'AU'],
  ['411111111', 'au', '+61411111111', 'AU'],
  ['61411111111', 'AU', '+61411111111', 'AU'],
  ['07777 777777', 'GB', '+447777777777', 'GB'],
  ['(405) 555-5555', 'US', '+14055555555', 'US'],
  ['312345', 'AD', '+376312345', 'AD'],
  ['+14165550123', '', '+14165550123', 'CA'],
  ['+447400123456', '', '+447400123456', 'GB'],
  // Guernsey shares +44.
  ['+447911123456', '', '+447911123456', 'GG'],
  // Unassigned today, of a possible length: ranges open faster than metadata is published.
  ['+61499999999', '', '+61499999999', 'AU'],
  ['+61999999999', '', '+61999999999', 'AU'],
  ['+10000000000', '', '+10000000000', 'US'],
  ['+8821612345678', '', '+8821612345678', 'ZZ'],
];

const refused: [raw: string, country: string, why: string][] = [
  ['', 'AU', 'nothing'],
  [' ', 'AU', 'a space'],
  ['+', 'AU', 'a lone plus'],
  ['+6100', 'AU', 'too short'],
  ['+614111111111', 'AU', 'a mobile number with a digit too many'],
  ['+1234567890123456', 'AU', '16 digits'],
  ['1234567890123456', 'AU', '16 local digits'],
  ['+0411111111', 'AU', 'no calling code begins with 0'],
  ['+999123456789', 'AU', 'an unknown calling code'],
  ['++61411111111', 'AU', 'two plus signs'],
  ['+61411111111+61422222222', 'AU', 'two numbers'],
  ['+61411111111, +61422222222', 'AU', 'two numbers in a list'],
  ['+61411111111 ext 5', 'AU', 'an extension'],
  ['+61411111111;ext=5', 'AU', 'an extension in URI form'],
  ['tel:+61411111111', 'AU', 'a URI'],
  ['1800FLOWERS', 'US', 'letters'],
  ['+6141111111l', 'AU', 'a letter for a digit'],
  ['+61٤١١١١١١١١', 'AU', 'digits of another script'],
  ['+61411\u0000111111', 'AU', 'a control character'],
  ['0411111111', '', 'local without a country'],
  ['0411111111', 'XX', 'local to a country that does not exist'],
  ['0411111111', 'constructor', 'local to a property of objects'],
  ['61411111111', 'US', 'another country without its plus'],
  ['12345', 'US', 'a short code'],
  ['80888', 'DE', 'a short code where fixed lines may be as short'],
  ['131114', 'AU', 'a service number'],
  ['+61131114', 'AU', 'a service number from abroad'],
  ['1800 123 456', 'AU', 'free phone'],
  ['+80012345678', 'AU', 'international free phone'],
  ['1900 123 456', 'AU', 'premium rate'],
  ['+611900123456', 'AU', 'premium rate from abroad'],
  ['+19005551234', 'US', 'premium rate of the same length as any other'],
  ['+449098790000', 'GB', 'premium rate in Britain'],
  ['+979123456789', 'AU', 'international premium rate'],
  [`+61${' '.repeat(80)}411111111`, 'AU', 'absurdly long'],
];

describe('[fault:F52] normaliseRecipient', () => {
  it.each(accepted)('%j in %j is %s of %s', (raw, country, e164, of) => {
    expect(normaliseRecipient(raw, country)).toEqual({ e164, country: of });
  });

  it.each(refused)('refuses %j in %j: %s', (raw, country) => {
    expect(normaliseRecipient(raw, country)).toBeNull();
  });

  it.each([
    ['+61411111111', 'AU'],
    ['+61422222222', 'AU'],
    ['+61433333333', 'AU'],
    ['+61444444444', 'AU'],
    ['+14055555555', 'US'],
    ['+14055555666', 'US'],
    ['+447777777777', 'GB'],
    ['+8615555555555', 'CN'],
  ])("takes ClickSend's test number %s", (number, country) => {
    expect(normaliseRecipient(number, 'NZ')).toEqual({ e164: number, country });
  });

  it('takes every Australian mobile-shaped number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), (subscriber) => {
        const e164 = `+614${String(subscriber).padStart(8, '0')}`;
        expect(normaliseRecipient(e164, 'US')).toEqual({ e164, country: 'AU' });
      }),
      { seed: 61, numRuns: 2000 },
    );
  });

  it('takes the example mobile number of every country, international and local', () => {
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples);
      if (!example) continue;
      const { number, nationalNumber } = example;
      expect(normaliseRecipient(number, ''), country).toMatchObject({ e164: number });
      expect(normaliseRecipient(nationalNumber, country), country).toMatchObject({ e164: number });
    }
  });
});

const digits = (length: number) =>
  fc.integer({ min: 0, max: 10 ** length - 1 }).map((value) => String(value).padStart(length, '0'));

/** Any digits, and real numbers with their tail redrawn, a digit longer or shorter: near every border of every plan. */
const e164 = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 14 }).chain(digits))
    .map(([first, rest]) => `+${first}${rest}`),
  fc
    .tuple(
      fc.constantFrom(...getCountries().flatMap((country) => getExampleNumber(country, examples)?.number ?? [])),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: -1, max: 1 }),
      digits(12),
    )
    .map(([number, tail, change, random]) => {
      const kept = number.slice(0, Math.max(3, number.length - tail));
      return (kept + random).slice(0, Math.min(16, Math.max(kept.length, number.length + change)));
    }),
);

describe('the compiled plans', () => {
  it('answer exactly as the library does', () => {
    let taken = 0;
    fc.assert(
      fc.property(e164, (number) => {
        const recipient = normaliseRecipient(number, '');
        if (recipient) taken++;
        expect(recipient).toEqual(recipientByLibrary(number));
      }),
      { seed: 164, numRuns: 30_000 },
    );
    // Neither answer is empty: the property would hold of two functions that refuse everything.
    expect(taken).toBeGreaterThan(5_000);
    expect(taken).toBeLessThan(25_000);
  });

  it("know the library's lengths of mobile numbers", () => {
    type Type = { possibleLengths(): number[] } | undefined;
    // The class has `type`, its declaration does not.
    const metadata = new Metadata() as Metadata & { numberingPlan: { type(name: string): Type } };
    for (const country of getCountries()) {
      metadata.selectNumberingPlan(country);
      const lengths = (
        metadata.numberingPlan.type('MOBILE') ?? metadata.numberingPlan.type('FIXED_LINE')
      )?.possibleLengths();
      for (let length = 1; length <= 17; length++) {
        expect(isMobileLength(length, country), `${country} ${length}`).toBe(lengths?.includes(length));
      }
    }
  });
});
