/** A cell of a CSV file; null is an empty one. */
export type Cell = string | number | null;

/**
 * Spreadsheets run a cell that begins so as a formula, and the text of a message is a stranger's: `=HYPERLINK(…)` in one
 * would work in the accountant's copy. A leading ' makes it text (OWASP, "CSV Injection"); numbers and E.164 stay bare.
 * A cell that begins with ' gets another, so that `readCell` knows ours from those that were there before.
 */
const FORMULA = /^[=+\-@＝＋－＠\t\r\n']/;
const MADE_TEXT = /^'[=+\-@＝＋－＠\t\r\n']/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One line by RFC 4180, with its CRLF. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What a cell said before `csvLine` wrote it: without the one ' that made it text. */
export function readCell(text: string): string {
  return MADE_TEXT.test(text) ? text.slice(1) : text;
}
