import { expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import { Intake } from './intake.ts';
import { Priority } from './message.ts';
import type { Claimed } from './store-claims.ts';

const { transactional, campaign } = Priority;
const messages = (count: number, priority: number) =>
  Array.from({ length: count }, (_, i): Claimed => ({ id: String(i), priority }) as Claimed);

function open() {
  const backlog = new Backlog();
  const intake = new Intake(backlog);
  for (const priority of intake.priorities) intake.emptied(priority);
  return { backlog, intake };
}

it('a campaign may take half of the memory, and a single message finds room behind it', () => {
  const { backlog, intake } = open();
  expect(intake.promise(10_001, campaign)).toBe(false);
  // What did not fit waits in the table now, and goes first.
  expect(intake.promise(1, campaign)).toBe(false);
  intake.emptied(campaign);
  expect(intake.promise(10_000, campaign)).toBe(true);
  expect(intake.promise(10_000, transactional)).toBe(true);
  expect(intake.roomFor(transactional)).toBe(0);
  intake.keep(messages(10_000, campaign));
  backlog.add(messages(10_000, campaign));
  expect([intake.roomFor(campaign), intake.roomFor(transactional)]).toEqual([0, 0]);
  intake.keep(messages(10_000, transactional));
  expect([intake.roomFor(campaign), intake.roomFor(transactional)]).toEqual([0, 10_000]);
});

it('claims while there is room for what may wait, whatever waits of the other kind', () => {
  const { backlog, intake } = open();
  expect(intake.shouldClaim).toBe(false);
  backlog.add(messages(10_000, campaign));
  intake.left(campaign);
  expect([intake.shouldClaim, intake.hasRoom]).toEqual([false, true]);
  intake.left(transactional);
  expect(intake.shouldClaim).toBe(true);
  expect(intake.promise(1, transactional)).toBe(false);
  intake.emptied(transactional);
  expect(intake.promise(1, transactional)).toBe(true);
  backlog.add(messages(10_000, transactional));
  expect(intake.hasRoom).toBe(false);
});
