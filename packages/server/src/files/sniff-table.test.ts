import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { sniffTable } from './sniff-table.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const entry = (name: string) =>
  `PK\x03\x04\x14\0\0\0\x08\0${'\0'.repeat(16)}${String.fromCharCode(name.length)}\0\0\0${name}\x00\xff\x17`;

describe('a file that is taken', () => {
  test.each([
    ['comma-separated text', bytes('phone,name\n+61411111111,Ann\n')],
    ['tab-separated text', bytes('phone\tname\n')],
    ['one column', bytes('+61411111111')],
    ['UTF-8 with a mark', Buffer.from('\ufeffphone,Zoë\n')],
    ['UTF-16 with a mark', Buffer.from('\ufeffphone,name\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('phone,name\n', 'utf16le')],
    ['UTF-16, the other way round', Buffer.from('\ufeffphone,name\n', 'utf16le').swap16()],
    ['windows-1252', bytes('name\nZo\xeb \x96 \x80\n')],
    ['text with a stray NUL', bytes('phone,name\0\n')],
    ['text that ends as DOS ended it', bytes('a,b\r\n\x1a')],
    ['a quoted angle bracket', bytes('"<b>",x\n')],
  ])(verifies('files:content', '%s'), (_, head) => {
    expect(sniffTable(head)).toEqual({ kind: 'csv' });
  });

  test.each(['[Content_Types].xml', '_rels/.rels', 'xl/workbook.xml', 'docProps/app.xml'])(
    verifies('files:content', 'a workbook that begins with %s'),
    (name) => {
      expect(sniffTable(bytes(entry(name)))).toEqual({ kind: 'xlsx' });
    },
  );
});

describe('a file that is refused', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'), '.xls file of an old Excel'],
    ['a PDF', bytes('%PDF-1.7\n'), 'a PDF'],
    ['a PNG', bytes('\x89PNG\r\n\x1a\n'), 'a picture'],
    ['a JPEG', bytes('\xff\xd8\xff\xe0'), 'a picture'],
    ['a GIF', bytes('GIF89a'), 'a picture'],
    ['gzip', gzipSync('a,b\n'), 'compressed'],
    ['a page', bytes('\n<!DOCTYPE html><script>alert(1)</script>'), 'a web page'],
    ['XML', bytes('<?xml version="1.0"?><svg onload="x"/>'), 'XML'],
    ['RTF', bytes('{\\rtf1'), 'a text document'],
    ['a document', bytes(entry('[Content_Types].xml') + entry('word/document.xml')), 'a text document or slides'],
    ['slides', bytes(entry('[Content_Types].xml') + entry('ppt/presentation.xml')), 'a text document or slides'],
    [
      'OpenDocument',
      bytes(`${entry('mimetype')}application/vnd.oasis.opendocument.spreadsheet`),
      'an OpenDocument file',
    ],
    ['another archive', bytes(entry('a.txt')), 'a ZIP archive'],
    ['an empty archive', bytes('PK\x05\x06'), 'an empty ZIP'],
    ['a program', bytes('\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0'), 'neither text nor a workbook'],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167) % 256)), 'neither text nor a workbook'],
    ['zeros', Buffer.alloc(4096), 'neither text nor a workbook'],
  ])(verifies('files:content', '%s'), (_, head, words) => {
    expect(sniffTable(head)).toEqual({ kind: null, words: expect.stringContaining(words) });
  });
});
