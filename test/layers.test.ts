import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { verifies } from './conformance/promises.ts';
import { rooms } from './layers/fixtures/rooms.ts';
import { seams } from './layers/fixtures/seams.ts';
import { shape } from './layers/fixtures/shape.ts';
import { workspaces } from './layers/fixtures/workspaces.ts';
import { rules } from './layers/rules.ts';
import { type Finding, houseOf, readHouse } from './layers/source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = [...workspaces, ...rooms, ...seams, ...shape];
const house = readHouse(root);

/** Raise it as the house grows: a reader that silently sees less would let every rule pass. */
const MODULES_AT_LEAST = 100;

const sentences = (findings: Finding[]) => findings.map(({ path, line, words }) => `${path}:${line} ${words}`);

describe(verifies('house:layers', 'the house'), () => {
  test('is read whole', () => {
    expect(house.modules.length).toBeGreaterThanOrEqual(MODULES_AT_LEAST);
    for (const folder of globSync('packages/*', { cwd: root })) {
      const sources = globSync(`${folder}/src/**/*.{ts,tsx,js}`, { cwd: root, exclude: ['**/node_modules/**'] });
      const seen = house.modules.filter((module) => module.path.startsWith(`${folder}/src/`));
      expect(seen.length, folder).toBe(sources.length);
      expect(house.manifests.has(folder), `${folder}/package.json`).toBe(true);
    }
    expect(house.modules.some((module) => module.imports.some((edge) => edge.target !== null))).toBe(true);
  });

  for (const [name, rule] of Object.entries(rules)) {
    test(name, () => expect(sentences(rule(house))).toEqual([]));
  }
});

describe('the rules bite', () => {
  test('each has a fixture that breaks it', () => {
    expect([...new Set(fixtures.map((fixture) => fixture.rule))].sort()).toEqual(Object.keys(rules).sort());
  });

  test.each(fixtures)('$rule: $title', ({ rule, files, faults }) => {
    expect(sentences(rules[rule](houseOf(files)))).toHaveLength(faults);
  });
});
