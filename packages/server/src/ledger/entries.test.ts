import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, type Balances, EMPTY, legsOf, type Movement, settle, spendable } from './entries.ts';

const sum = ({ funding, available, held, spent }: Balances) => funding + available + held + spent;
const amounts = fc.integer({ min: 1, max: 1_000_000_000 });
const movements = fc.record<Movement>({
  kind: fc.constantFrom('credit', 'reserve', 'capture', 'release', 'late-capture'),
  amountMicro: amounts,
});

describe('ledger entries', () => {
  it('keep the sum of all legs at zero', () => {
    fc.assert(
      fc.property(fc.array(movements, { maxLength: 50 }), (run) => {
        expect(sum(run.reduce<Balances>(apply, { ...EMPTY }))).toBe(0);
      }),
    );
  });

  it('move out of one leg into another', () => {
    for (const { debit, credit } of Object.values(legsOf)) expect(debit).not.toBe(credit);
    const funded = apply(EMPTY, { kind: 'credit', amountMicro: 10 });
    expect(funded).toEqual({ funding: -10, available: 10, held: 0, spent: 0 });
    const held = apply(funded, { kind: 'reserve', amountMicro: 7 });
    expect(held).toEqual({ funding: -10, available: 3, held: 7, spent: 0 });
    expect(apply(held, { kind: 'capture', amountMicro: 7 })).toEqual({ funding: -10, available: 3, held: 0, spent: 7 });
    const released = apply(held, { kind: 'release', amountMicro: 7 });
    expect(released).toEqual(funded);
    expect(apply(released, { kind: 'late-capture', amountMicro: 7 })).toMatchObject({ available: 3, spent: 7 });
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 53])('refuse to move %d', (amountMicro) => {
    expect(() => apply(EMPTY, { kind: 'credit', amountMicro })).toThrow(RangeError);
  });

  it('end a hold without a rest, whatever was charged', () => {
    fc.assert(
      fc.property(amounts, fc.nat({ max: 1000 }), (held, thousandths) => {
        const charged = Math.floor((held * thousandths) / 1000);
        const start = apply(apply(EMPTY, { kind: 'credit', amountMicro: held }), {
          kind: 'reserve',
          amountMicro: held,
        });
        const end = settle(held, charged).reduce<Balances>(apply, start);
        expect(end).toEqual({ funding: -held, available: held - charged, held: 0, spent: charged });
      }),
    );
    expect(() => settle(5, 6)).toThrow(RangeError);
  });

  it('stay exact over a million prices of a third of a cent (F37)', () => {
    const price = 3333;
    let balances = apply(EMPTY, { kind: 'credit', amountMicro: price * 1_000_000 });
    for (let i = 0; i < 1_000_000; i++) balances = apply(balances, { kind: 'reserve', amountMicro: price });
    balances = apply(balances, { kind: 'capture', amountMicro: balances.held });
    expect(balances).toEqual({ funding: -3_333_000_000, available: 0, held: 0, spent: 3_333_000_000 });
  });
});

describe('spendable', () => {
  it('knows prepaid, limited and unlimited accounts', () => {
    expect(spendable({ prepaid: true, creditLimitMicro: null }, 5)).toBe(5);
    expect(spendable({ prepaid: true, creditLimitMicro: 100 }, -5)).toBe(0);
    expect(spendable({ prepaid: false, creditLimitMicro: 100 }, -30)).toBe(70);
    expect(spendable({ prepaid: false, creditLimitMicro: 100 }, -130)).toBe(0);
    expect(spendable({ prepaid: false, creditLimitMicro: null }, -1e12)).toBe(Number.POSITIVE_INFINITY);
  });
});
