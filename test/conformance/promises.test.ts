import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { citationsIn, readCitations } from './citations.ts';
import { gaps } from './gaps.ts';
import { disagreements } from './judge.ts';
import { promises, verifies } from './promises.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('promises', () => {
  test('each is cited by a test, or owned up to as a gap', () => {
    expect(disagreements(Object.keys(promises), readCitations(root), gaps)).toEqual([]);
  });

  test('each says what and where from, and a heading it names exists', () => {
    for (const [id, { text, source }] of Object.entries(promises)) {
      expect(text.length, id).toBeGreaterThan(5);
      const [file = '', heading] = source.split('#');
      if (heading) expect(headings(file), `${id}: ${source}`).toContain(heading);
    }
  });
});

describe('citations', () => {
  test('are read from titles and from verifies', () => {
    const text = `describe('[a:b] x', () => { test(verifies('c:d', 'e:f', 'words: here'), f); it(\`[g:h] \${1}\`, f); });`;
    expect(citationsIn('x.test.ts', text).map(({ id }) => id)).toEqual(['a:b', 'c:d', 'e:f', 'g:h']);
  });

  test('do not count where the test does not run', () => {
    const text = `test.skip('[a:b] x', f); it.todo('[c:d]'); describe.skip('x', () => test('[e:f]', f)); // [g:h]`;
    expect(citationsIn('x.test.ts', text)).toEqual([]);
  });

  test('make the title', () => {
    expect(verifies('house:layers', 'a rule')).toBe('[house:layers] a rule');
  });
});

describe('the judge', () => {
  const cite = (id: string) => ({ id, path: 'x.test.ts' });

  test('is content when all agree', () => {
    expect(disagreements(['a:b', 'c:d'], [cite('a:b')], ['c:d'])).toEqual([]);
  });

  test.each([
    ['an unknown id', [cite('a:b'), cite('z:z')], [], 'nobody promised'],
    ['an uncited promise', [], [], 'no test cites a:b'],
    ['a gap nobody promised', [cite('a:b')], ['z:z'], 'is no promise'],
    ['a gap that is closed', [cite('a:b')], ['a:b'], 'take it off'],
  ])('names %s', (_, citations, open, words) => {
    expect(disagreements(['a:b'], citations, open).join('\n')).toContain(words);
  });
});

/** Anchors of a Markdown file's headings, as a browser would make them. */
function headings(file: string): string[] {
  const path = join(root, file);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  const titles = lines.flatMap((line) => /^#+ (.+)$/.exec(line)?.[1] ?? []);
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
}
