/** What stands in a cell of a workbook, as text. Pure. */

const DAY_MS = 86_400_000;
/** Serial 0 of each calendar. In the first, serials below 61 are a day off: it believes in 29 February 1900. */
const EPOCHS = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) };
/** 31 December 9999. */
const LAST_SERIAL = 2_958_465;

export type Calendar = keyof typeof EPOCHS;

const INTEGER = /^-?\d+$/;
/** Digits a double holds exactly; Excel shows no more. */
const DIGITS = 15;

/** A number as plain digits: `6.1411111111E10` is 61411111111. Text that is no number stays as it is. */
export function plainNumber(written: string): string {
  if (INTEGER.test(written)) return written;
  const value = Number(written);
  if (written.trim() === '' || !Number.isFinite(value)) return written;
  const [mantissa = '', exponent = '0'] = value.toExponential(DIGITS - 1).split('e');
  return shifted(mantissa, Number(exponent));
}

/** Moves the point of `d.ddd` by `exponent` places, without zeros that say nothing. */
function shifted(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  const point = 1 + exponent;
  const whole = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0');
  const rest = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const fraction = rest.replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return text === '0' ? text : sign + text;
}

/** A date as ISO text: the day, the time, or both, by what the serial holds. What is no date stays a number. */
export function isoDate(written: string, calendar: Calendar): string {
  const serial = Number(written);
  if (written.trim() === '' || !(serial >= 0 && serial <= LAST_SERIAL)) return plainNumber(written);
  const seconds = Math.round((serial * DAY_MS) / 1000);
  const shift = calendar === 1900 && serial >= 1 && serial < 60 ? DAY_MS : 0;
  const iso = new Date(EPOCHS[calendar] + seconds * 1000 + shift).toISOString();
  if (serial < 1 && calendar === 1900) return iso.slice(11, 19);
  return seconds % 86_400 === 0 ? iso.slice(0, 10) : iso.slice(0, 19);
}

/** Formats every workbook has (ECMA-376, 18.8.30); 27 to 36 and 50 to 58 are dates of East Asia. */
export function isDateFormat(id: number): boolean {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/** Whether a format of the workbook's own shows a date or a time: it has such a letter outside quotes and brackets. */
export function showsDate(format: string): boolean {
  // Excel's own limit; and only what is short may meet an expression that looks back.
  if (format.length > 255) return false;
  const bare = format
    .replace(/"[^"]*"/g, '')
    .replace(/\\.|[_*]./g, '')
    .replace(/\[(?!(h+|m+|s+)\])[^\]]*\]/gi, '')
    .replace(/General/gi, '');
  return /[ymdhs]/i.test(bare);
}

/** Excel writes control characters as `_x000D_`, and an underscore before such a thing as `_x005F_`. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The number of a column by its letters, from 0: `A` is 0, `AB12` is 27; null where there are none. */
export function columnOf(reference: string): number | null {
  let number = 0;
  let at = 0;
  for (; at < reference.length && at < 8; at++) {
    const letter = reference.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    number = number * 26 + letter;
  }
  return at === 0 ? null : number - 1;
}
