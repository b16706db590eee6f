import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasic } from './basic-header.ts';

const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('parseBasic', () => {
  it('gives back every username without a colon and every secret', () => {
    const texts = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(
        texts.filter((text) => !text.includes(':')),
        texts,
        (username, secret) => {
          expect(parseBasic(header(`${username}:${secret}`))).toEqual({ username, secret });
        },
      ),
    );
  });

  it('takes the scheme in any case and Base64 in either alphabet', () => {
    expect(parseBasic(`bASIC ${Buffer.from('a:??>>').toString('base64url')}`)).toEqual({
      username: 'a',
      secret: '??>>',
    });
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Bearer abc',
    header('nocolon'),
    header(':secret'),
    header('name:'),
    'Basic a b',
    'Basic ä',
  ])('finds nothing in %j', (text) => {
    expect(parseBasic(text)).toBeNull();
  });

  it('lets no U+0000 through to the database', () => {
    expect(parseBasic(header('a\0b:c\0d'))).toEqual({ username: 'a\ufffdb', secret: 'c\ufffdd' });
  });
});
