import { from } from '../promise.ts';

/** Contacts out of files: what is read, that no row is lost or doubled, and that it can be taken back. */
export const imports = from('ARCHITECTURE.md#what-must-hold', {
  'import:start': 'An import is answered at once with its id as text; what is wrong with the call is said then.',
  'import:field-order':
    'field_order is taken as an array or as text, with the names of every client; a bad name is refused with those allowed.',
  'import:header': 'A header row is recognised, passed over, and said so.',
  'import:csv': 'CSV is read whatever its encoding, delimiter and line ends; numbers of rows are those of the file.',
  'import:xlsx':
    'The first sheet of a workbook is read: texts, numbers as plain digits, dates as ISO text, formulas as their saved value.',
  'import:content': 'Whether a file is CSV or a workbook is decided by its bytes, never by its name.',
  'import:refused': 'A file that cannot be read as a whole is refused with the row and the remedy, and adds nothing.',
  'import:rows': 'A row that does not fit is listed with its number, field, reason and cell; the others are added.',
  'import:exactly-once': 'Whoever dies or falls silent at any point, each row is added exactly once.',
  'import:undo': 'Undoing removes the contacts the import added that are still in the list, and no other.',
  'import:cancel': 'A cancelled import adds no row from then on.',
  'import:preview': 'A preview shows the first rows, suggests fields, names faults, and adds nothing.',
  'import:suppressed': 'An import lifts no opt-out; into the Opt-Out list it makes opt-outs, with their proof.',
  'import:round-trip': 'An export that is imported and exported again is the same to the byte.',
  'import:bounded': 'An import of 100,000 rows takes less than 200 MB and never holds the node up.',
  'sdk:list-import': 'The official Node SDK imports into a list.',
});
