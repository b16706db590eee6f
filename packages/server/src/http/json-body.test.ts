import { describe, expect, it } from 'vitest';
import { readJson } from './json-body.ts';

const read = (text: string) => readJson(Buffer.from(text));

describe('a body', () => {
  it('is read as JSON; an empty or blank one is none', () => {
    expect(read('{"a":[1,"[[[{{{"]}')).toEqual({ a: [1, '[[[{{{'] });
    expect(read('')).toBeUndefined();
    expect(read('  \n')).toBeUndefined();
  });

  it('may hold brackets and escaped quotes in its texts without counting as deep', () => {
    const text = JSON.stringify({ a: `${'['.repeat(500)}"\\"${'{'.repeat(500)}` });
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it('deeper than 64 levels is refused before it is built [fault:F44]', () => {
    expect(() => read('['.repeat(100_000))).toThrow(/nests deeper/);
    expect(read(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
  });

  it('that sets __proto__ changes no prototype [fault:F44]', () => {
    read('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('that is not JSON is refused with the place', () => {
    expect(() => read('{"a":')).toThrow(/not valid JSON/);
  });
});
