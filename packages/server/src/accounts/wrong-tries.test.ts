import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { WrongTries } from './wrong-tries.ts';

const owner = { address: '198.51.100.7', username: 'koala' };
const stranger = (n: number) => ({ address: `203.0.113.${n % 250}`, username: 'koala' });

describe('WrongTries', () => {
  it('slows the address that guesses, and no other', () => {
    const tries = new WrongTries(handClock());
    for (let i = 0; i < 10; i++) tries.begin(stranger(1));
    expect(tries.waitMs(stranger(1))).toBeGreaterThan(1000);
    expect(tries.waitMs(owner)).toBe(0);
  });

  it('slows an address that tries one password on many names', () => {
    const tries = new WrongTries(handClock());
    for (let i = 0; i < 25; i++) tries.begin({ address: '203.0.113.1', username: `name${i}` });
    expect(tries.waitMs({ address: '203.0.113.1', username: 'fresh' })).toBeGreaterThan(0);
    expect(tries.waitMs({ address: '203.0.113.2', username: 'fresh' })).toBe(0);
  });

  it('counts a whole /64 as one address', () => {
    const tries = new WrongTries(handClock());
    for (let i = 0; i < 10; i++) tries.begin({ address: `2001:db8:1:2::${i}`, username: 'koala' });
    expect(tries.waitMs({ address: '2001:db8:1:2:ffff::1', username: 'KOALA' })).toBeGreaterThan(0);
    expect(tries.waitMs({ address: '2001:db8:1:3::1', username: 'koala' })).toBe(0);
  });

  it('[auth:back-off] makes a stranger wait no more than 2 s however many addresses guess at the name', () => {
    const tries = new WrongTries(handClock());
    for (let i = 0; i < 1000; i++) tries.begin(stranger(i));
    const wait = tries.waitMs({ address: '192.0.2.200', username: 'koala' });
    expect(wait).toBe(2000);
  });

  it('never makes the owner wait at a familiar address, whatever strangers do', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 400 }), (crowd) => {
        const clock = handClock();
        const tries = new WrongTries(clock);
        tries.begin(owner).right();
        for (const n of crowd) {
          tries.begin(stranger(n));
          clock.advance(n);
        }
        expect(tries.waitMs(owner)).toBe(0);
      }),
    );
  });

  it('keeps the familiar address open when its neighbours guess at other names', () => {
    const tries = new WrongTries(handClock());
    tries.makeFamiliar(owner);
    for (let i = 0; i < 100; i++) tries.begin({ address: owner.address, username: `name${i}` });
    expect(tries.waitMs(owner)).toBe(0);
    expect(tries.waitMs({ address: owner.address, username: 'fresh' })).toBeGreaterThan(0);
  });

  it('forgets wrong tries after a right one, and counts no try that nobody looked at', () => {
    const tries = new WrongTries(handClock());
    for (let i = 0; i < 8; i++) tries.begin(owner).unseen();
    expect(tries.waitMs(owner)).toBe(0);
    for (let i = 0; i < 4; i++) tries.begin(owner);
    tries.begin(owner).right();
    for (let i = 0; i < 5; i++) tries.begin(owner);
    expect(tries.waitMs(owner)).toBe(0);
    tries.begin(owner);
    expect(tries.waitMs(owner)).toBe(1000);
  });
});
