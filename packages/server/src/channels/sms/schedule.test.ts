import { expect, it } from 'vitest';
import { latestSchedule } from './schedule.ts';

it.each([
  ['2026-01-15T10:00:00.000Z', '2026-05-15T10:00:00.000Z'],
  ['2026-10-31T23:59:59.999Z', '2027-02-28T23:59:59.999Z'],
  ['2027-10-31T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
  ['2026-12-31T12:00:00.000Z', '2027-04-30T12:00:00.000Z'],
])('[sms:schedule] from %s a schedule may reach %s', (now, latest) => {
  expect(new Date(latestSchedule(Date.parse(now))).toISOString()).toBe(latest);
});
