import { expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { RefusedBinds } from './refused-binds.ts';

function open() {
  const clock = handClock(0);
  const lines: unknown[] = [];
  const refused = new RefusedBinds(clock, (event, facts) => lines.push({ event, ...facts }));
  const add = (address: string, system_id = 'acme', why = 'wrong') => refused.add({ system_id, address, why });
  return { clock, lines, refused, add };
}

const line = (address: string, count: number, system_id = 'acme') => ({
  ...{ event: 'smpp.bind-refused', system_id, address, why: 'wrong', count },
});

test(verifies('smpp-door:bounded', 'refused binds make one line per address and minute, with their number'), () => {
  const { clock, lines, add } = open();
  for (let n = 0; n < 500; n++) add('192.0.2.1', n === 499 ? 'crm' : 'acme');
  add('192.0.2.2');
  expect(lines).toEqual([line('192.0.2.1', 1), line('192.0.2.2', 1)]);
  clock.advance(59_999);
  expect(lines).toHaveLength(2);
  clock.advance(1);
  expect(lines.slice(2)).toEqual([line('192.0.2.1', 499, 'crm')]);
  // It is quiet for a minute again from there; the other one has been forgotten.
  add('192.0.2.1');
  add('192.0.2.2');
  expect(lines.slice(3)).toEqual([line('192.0.2.2', 1)]);
  clock.advance(60_000);
  expect(lines.slice(4)).toEqual([line('192.0.2.1', 1)]);
  clock.advance(60_000);
  add('192.0.2.1');
  expect(lines.slice(5)).toEqual([line('192.0.2.1', 1)]);
});

test('addresses of one network of IPv6, and those beyond a thousand, are counted together', () => {
  const { clock, lines, add, refused } = open();
  add('2001:db8::1');
  add('2001:db8::2');
  expect(lines).toEqual([line('2001:db8::1', 1)]);
  for (let n = 0; n < 3_000; n++) add(`10.0.${n >> 8}.${n & 255}`);
  expect(lines).toHaveLength(1_001);
  // At a stop what was counted is still told.
  refused.stop();
  expect(lines.slice(1_001)).toEqual([line('2001:db8::2', 1), line('10.0.11.183', 2_000)]);
  clock.advance(120_000);
  expect(lines).toHaveLength(1_003);
});
