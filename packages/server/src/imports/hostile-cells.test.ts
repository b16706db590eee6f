import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { readContact } from '../lists/contact-fields.ts';
import { readFieldOrder } from './field-order.ts';
import { suggestOrder } from './header-row.ts';
import { showsDate } from './xlsx-values.ts';

/** What takes the square of its length stops everything at a quarter of a million characters; a thousand times the time of a short one is enough to tell. */
const LONG = 260_000;

test(verifies('fault:F42', 'a cell of tabs, of at signs or of brackets is told from what it might be at once'), () => {
  const started = performance.now();
  expect(readContact({ phone_number: `${'\t'.repeat(LONG)}x` }, 'AU')).toMatchObject({ ok: false });
  expect(suggestOrder([[`a@${'.'.repeat(LONG)}@`]]).order).toEqual([null]);
  expect(showsDate('['.repeat(LONG))).toBe(false);
  // Each took more than ten seconds once.
  expect(performance.now() - started).toBeLessThan(2_000);
});

test(verifies('fault:F42', 'an order of thousands of columns is refused, as text and as an array'), () => {
  for (const raw of [`phone${','.repeat(9_990)}`, ['phone', ...Array(999).fill('')]]) {
    expect(() => readFieldOrder(raw)).toThrow(/256 can be named/);
  }
  expect(readFieldOrder(`phone${','.repeat(255)}`)).toHaveLength(256);
});
