import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeBase64, NotBase64 } from './base64.ts';

async function decode(text: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of decodeBase64(text)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('base64', () => {
  test.each([0, 1, 2, 3, 4, 196_607, 196_608, 196_609, 1_000_000])('of %i bytes', async (size) => {
    const bytes = randomBytes(size);
    const text = bytes.toString('base64');
    for (const written of [text, bytes.toString('base64url'), text.replace(/.{76}/g, '$&\r\n'), `${text}\n`]) {
      expect((await decode(written)).equals(bytes)).toBe(true);
    }
  });

  test('comes in pieces, so that a large one holds nobody up', async () => {
    for await (const piece of decodeBase64('A'.repeat(4_000_000))) expect(piece.length).toBeLessThan(200_000);
  });

  test('may be a data: URL', async () => {
    expect(String(await decode('data:text/csv;base64,YSxi'))).toBe('a,b');
  });

  test.each(['a,b\n', 'YSxi*', 'YSxiY', 'YQ==YQ==', '=', 'YS=x', '\u0000', 'YSxí'])('%j is none', async (text) => {
    await expect(decode(text)).rejects.toBeInstanceOf(NotBase64);
  });

  test('is none when its end comes in the middle of a long text', async () => {
    await expect(decode(`${'A'.repeat(262_140)}AA==${'A'.repeat(300_000)}`)).rejects.toBeInstanceOf(NotBase64);
  });
});
