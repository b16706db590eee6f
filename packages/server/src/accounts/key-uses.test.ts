import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { KeyUses } from './key-uses.ts';

describe('KeyUses', () => {
  it('gathers keys for a second and writes each once a minute', async () => {
    const clock = handClock(0);
    const written: unknown[] = [];
    const uses = new KeyUses(clock, async (batch) => void written.push(batch));
    uses.mark(1);
    clock.advance(999);
    uses.mark(2);
    for (let i = 0; i < 100; i++) uses.mark(1);
    expect(written).toEqual([]);
    clock.advance(1);
    await uses.flush();
    expect(written).toEqual([
      [
        { keyId: 1, at: 0 },
        { keyId: 2, at: 999 },
      ],
    ]);
    clock.advance(59_500);
    uses.mark(1);
    uses.mark(2);
    clock.advance(1000);
    await uses.flush();
    expect(written[1]).toEqual([{ keyId: 1, at: 60_500 }]);
  });

  it('survives a database that is away and tries again at the next use', async () => {
    const clock = handClock(0);
    let away = true;
    const written: unknown[] = [];
    const uses = new KeyUses(clock, async (batch) => {
      if (away) throw new TypeError('gone');
      written.push(batch);
    });
    uses.mark(1);
    await uses.flush();
    away = false;
    uses.mark(1);
    await uses.flush();
    expect(written).toEqual([[{ keyId: 1, at: 0 }]]);
  });
});
