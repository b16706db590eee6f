import { fileFault, MOST_ROW_CHARACTERS, type SheetFile } from './sheet.ts';
import { type Unpacked, unzip } from './unzip.ts';
import { isDateFormat, showsDate, unescaped } from './xlsx-values.ts';
import { readWholeXml } from './xml-events.ts';
import type { ZipEntry } from './zip-directory.ts';

/** What cells refer to by number is held whole, so it has limits of its own. */
const MOST_STRINGS = 2_000_000;
const MOST_STRINGS_BYTES = 96 * 1024 * 1024;
const MOST_STYLES = 65_536;
const MOST_STYLES_BYTES = 32 * 1024 * 1024;

/** The texts of a workbook, each stored once. */
export async function readStrings(file: SheetFile, entry: ZipEntry | null, unpacked: Unpacked): Promise<string[]> {
  const strings: string[] = [];
  if (!entry) return strings;
  let text = '';
  let within = false;
  // Beside the text stands how it is pronounced (rPh), which is no part of it.
  let aside = 0;
  await readWholeXml(unzip(file, entry, unpacked, MOST_STRINGS_BYTES), {
    open(name) {
      if (name === 'si') text = '';
      if (name === 'rPh') aside++;
      within = name === 't' && aside === 0;
    },
    text(found) {
      if (!within) return;
      text += found;
      if (text.length > MOST_ROW_CHARACTERS) throw fileFault('A text of the workbook is too long: save it as .csv.');
    },
    close(name) {
      within = false;
      if (name === 'rPh') aside--;
      if (name !== 'si') return;
      if (strings.length === MOST_STRINGS)
        throw fileFault('The workbook holds too many different texts: save it as .csv.');
      strings.push(unescaped(text));
    },
  });
  return strings;
}

/** By the number of a style: whether it shows a number as a date or time. */
export async function readDateStyles(file: SheetFile, entry: ZipEntry | null, unpacked: Unpacked): Promise<boolean[]> {
  const styles: boolean[] = [];
  if (!entry) return styles;
  const own = new Map<number, boolean>();
  let within = false;
  await readWholeXml(unzip(file, entry, unpacked, MOST_STYLES_BYTES), {
    open(name, { numFmtId = '', formatCode = '' }) {
      if (name === 'numFmt' && own.size < MOST_STYLES) own.set(Number(numFmtId), showsDate(formatCode));
      if (name === 'cellXfs') within = true;
      if (name !== 'xf' || !within || styles.length === MOST_STYLES) return;
      const id = Number(numFmtId);
      styles.push(own.get(id) ?? isDateFormat(id));
    },
    close(name) {
      if (name === 'cellXfs') within = false;
    },
  });
  return styles;
}
