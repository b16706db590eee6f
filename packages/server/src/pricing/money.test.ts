import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDecimal, toDecimal4, toDecimal6, toNumber } from './money.ts';

const MAX = Number.MAX_SAFE_INTEGER;

describe('micro-units as text', () => {
  it.each([
    [0, '0.0000', '0.000000'],
    [79_200, '0.0792', '0.079200'],
    [1, '0.0000', '0.000001'],
    [49, '0.0000', '0.000049'],
    [50, '0.0001', '0.000050'],
    [149, '0.0001', '0.000149'],
    [150, '0.0002', '0.000150'],
    [999_949, '0.9999', '0.999949'],
    [999_950, '1.0000', '0.999950'],
    [12_345_678_901, '12345.6789', '12345.678901'],
    [-1, '0.0000', '-0.000001'],
    [-50, '-0.0001', '-0.000050'],
    [-1_500_000, '-1.5000', '-1.500000'],
    [MAX, '9007199254.7410', '9007199254.740991'],
    // Divided by 100 as doubles this one rounds up.
    [MAX - 42, '9007199254.7409', '9007199254.740949'],
  ])('%i is %s and %s', (micro, four, six) => {
    expect(toDecimal4(micro)).toBe(four);
    expect(toDecimal6(micro)).toBe(six);
  });

  it('agrees with arithmetic on big integers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX, max: MAX }), (micro) => {
        const size = BigInt(Math.abs(micro));
        const hundredths = (size + 50n) / 100n;
        const text = `${hundredths / 10_000n}.${String(hundredths % 10_000n).padStart(4, '0')}`;
        expect(toDecimal4(micro)).toBe(micro < 0 && hundredths > 0n ? `-${text}` : text);
        expect(fromDecimal(toDecimal6(micro))).toBe(micro);
      }),
      { seed: 4, numRuns: 5000 },
    );
  });
});

describe('micro-units as JSON numbers', () => {
  it.each([
    [158_400, '0.1584'],
    [237_600, '0.2376'],
    [100_000 + 200_000, '0.3'],
    [0, '0'],
    [1, '0.000001'],
    [1_234_567_890_123, '1234567.890123'],
  ])('%i is written %s', (micro, text) => {
    expect(JSON.stringify(toNumber(micro))).toBe(text);
  });

  it('are the number that the decimal text names', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX, max: MAX }), (micro) => {
        expect(toNumber(micro)).toBe(micro === 0 ? 0 : Number(toDecimal6(micro)));
      }),
      { seed: 6, numRuns: 5000 },
    );
  });
});

describe('[fault:F37] a million thirds of a cent', () => {
  it('add up exactly, where fractions drift', () => {
    // A third of a cent is 3,333⅓ micro-units: the price is frozen as 3,333, and from there nothing is lost.
    const price = fromDecimal('0.003333')!;
    let sum = 0;
    let drifting = 0;
    for (let message = 0; message < 1_000_000; message++) {
      sum += price;
      drifting += toNumber(price);
    }
    expect(sum).toBe(3_333_000_000);
    expect(toDecimal4(sum)).toBe('3333.0000');
    expect(toNumber(sum)).toBe(3333);
    expect(drifting).not.toBe(3333);
  });

  it('hold for a million prices of any size, whatever the order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000_000_000 }), fc.integer({ min: 1, max: 1_000_000 }), (start, step) => {
        let sum = 0;
        let exact = 0n;
        let price = start;
        for (let message = 0; message < 1_000_000; message++) {
          price = (price + step) % 2_000_003;
          sum += price;
          exact += BigInt(price);
        }
        expect(BigInt(sum)).toBe(exact);
        expect(fromDecimal(toDecimal6(sum))).toBe(sum);
      }),
      { seed: 37, numRuns: 5 },
    );
  });
});

describe('fromDecimal', () => {
  it.each([
    ['12', 12_000_000],
    ['0.0792', 79_200],
    ['-0.5', -500_000],
    ['007.10', 7_100_000],
    ['-0', 0],
    ['9007199254.740991', MAX],
  ])('%j is %i', (text, micro) => {
    expect(fromDecimal(text)).toBe(micro);
  });

  it.each([
    '',
    '.5',
    '5.',
    '1e3',
    '+1',
    ' 1',
    '1,5',
    '0.0000001',
    '9007199254.740992',
    '99999999999',
    'NaN',
    '0x10',
    '١',
  ])('refuses %j', (text) => {
    expect(fromDecimal(text)).toBeNull();
  });
});
