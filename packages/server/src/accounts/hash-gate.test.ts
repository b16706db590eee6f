import { describe, expect, it } from 'vitest';
import { HashGate } from './hash-gate.ts';

/** Work that ends when told, and notes when it began. */
function work(begun: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const run = () => {
    begun.push(name);
    return promise;
  };
  return { run, end: () => resolve(name) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('HashGate', () => {
  it('[auth:hashes] runs no more than its limit at once, the first line before the second', async () => {
    const begun: string[] = [];
    const [a, b, c, d] = [work(begun, 'a'), work(begun, 'b'), work(begun, 'c'), work(begun, 'd')];
    const gate = new HashGate(1, 2);
    const all = [gate.run(false, a.run), gate.run(false, b.run), gate.run(false, c.run), gate.run(true, d.run)];
    expect(begun).toEqual(['a']);
    for (const each of [a, d, b, c]) {
      each.end();
      await settled();
    }
    expect(begun).toEqual(['a', 'd', 'b', 'c']);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('[auth:hashes] the last line waits for both others, and for no more than sixteen of them', async () => {
    const begun: string[] = [];
    const gate = new HashGate(1, 32);
    const works = Array.from({ length: 20 }, (_, i) => work(begun, `${i}`));
    const late = work(begun, 'late');
    void gate.run(false, works[0]!.run);
    void gate.runLast(late.run);
    for (const { run } of works.slice(1)) void gate.run(false, run);
    for (const { end } of works.slice(0, 17)) {
      end();
      await settled();
    }
    expect(begun.slice(0, 17)).toEqual(works.slice(0, 17).map((_, i) => `${i}`));
    expect(begun.slice(17)).toEqual(['late']);
    late.end();
    await settled();
    expect(begun.at(-1)).toBe('17');
  });

  it('turns away who finds his line full, and not who stands in the other', () => {
    const begun: string[] = [];
    const gate = new HashGate(1, 1);
    expect(gate.run(false, work(begun, 'a').run)).not.toBeNull();
    expect(gate.run(false, work(begun, 'b').run)).not.toBeNull();
    expect(gate.run(false, work(begun, 'c').run)).toBeNull();
    expect(gate.run(true, work(begun, 'd').run)).not.toBeNull();
  });

  it('goes on after work that fails', async () => {
    const gate = new HashGate(1, 1);
    const failing = gate.run(false, () => Promise.reject(new RangeError('broken')));
    const next = gate.run(false, () => Promise.resolve('fine'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });
});
