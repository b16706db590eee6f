import { expect, test } from 'vitest';
import { onPath, peerTest, type Runner } from './peers.ts';

/** Notes how a test was registered instead of running it. */
function noting(): { runner: Runner; noted: { how: string; title: string; run: () => unknown }[] } {
  const noted: { how: string; title: string; run: () => unknown }[] = [];
  const note = (how: string) => (title: string, run: () => unknown) => void noted.push({ how, title, run });
  return { runner: Object.assign(note('run'), { skip: note('skip') }), noted };
}

const body = () => 'ran';

test('a peer that is there runs its tests', () => {
  const { runner, noted } = noting();
  peerTest(runner, 'kannel', true, true)('binds', body);
  expect(noted).toEqual([{ how: 'run', title: 'binds', run: expect.any(Function) }]);
  expect(noted[0]?.run()).toBe('ran');
});

test('a peer that is absent skips by name', () => {
  const { runner, noted } = noting();
  peerTest(runner, 'kannel', false, false)('binds', body);
  expect(noted).toEqual([{ how: 'skip', title: 'binds (kannel is not installed)', run: body }]);
});

test('a peer that is absent but required fails', () => {
  const { runner, noted } = noting();
  peerTest(runner, 'kannel', false, true)('binds', body);
  expect(noted[0]?.how).toBe('run');
  expect(() => noted[0]?.run()).toThrow('kannel is not installed');
});

test('a program is looked for on the PATH', () => {
  expect(onPath('sh')).toBe(true);
  expect(onPath('no-such-program-anywhere')).toBe(false);
});
