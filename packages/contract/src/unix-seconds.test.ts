import { describe, expect, it } from 'vitest';
import { readSchedule, readSeconds } from './unix-seconds.ts';

describe('readSeconds', () => {
  it.each([
    [0, 0],
    [1790000000, 1790000000],
    ['1790000000', 1790000000],
    [' 1790000000 ', 1790000000],
    [99_999_999_999, 99_999_999_999],
  ])('reads %j', (raw, seconds) => {
    expect(readSeconds(raw)).toEqual({ ok: true, seconds });
  });

  it.each([
    ['milliseconds', 1790000000123, 'use 1790000000'],
    ['milliseconds as text', '1790000000123', 'use 1790000000'],
    ['microseconds', 1790000000123456, 'use 1790000000'],
    ['nanoseconds as text', '1790000000123456789', 'use 1790000000'],
    ['a fraction', 1790000000.5, 'use 1790000000'],
    ['a date', '2026-09-21', 'use 1789948800'],
    ['a date and time with its zone', '2026-09-21T10:00:00+10:00', 'use 1789948800'],
    ['a date and time without a zone, as UTC', '2026-09-21 13:33:20', 'use 1789997600'],
    ['a time before 1970', -1, 'before 1970'],
    ['words', 'tomorrow', 'such as 1790000000'],
    ['a date that is none', '2026-99-99', 'such as 1790000000'],
    ['an endless number', Number.POSITIVE_INFINITY, 'such as 1790000000'],
    ['no number at all', true, 'such as 1790000000'],
    ['nothing', null, 'such as 1790000000'],
    ['a list', [1790000000], 'such as 1790000000'],
  ])('refuses %s and shows the right value', (_, raw, words) => {
    const read = readSeconds(raw);
    expect(read).toMatchObject({ ok: false, words: expect.stringContaining(words) });
  });
});

describe('readSchedule', () => {
  it.each([undefined, null, '', 0, '0'])('takes %j as now', (raw) => {
    expect(readSchedule(raw)).toEqual({ ok: true, seconds: null });
  });

  it('takes a time', () => {
    expect(readSchedule('1790000000')).toEqual({ ok: true, seconds: 1790000000 });
  });

  it('refuses milliseconds', () => {
    expect(readSchedule(1790000000000)).toMatchObject({ ok: false });
  });
});
