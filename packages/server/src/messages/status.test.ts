import { describe, expect, it } from 'vitest';
import { ENTERED_FROM, mayMove, Status, showStatus, statesShownAs } from './status.ts';

const all = Object.values(Status);

describe('the states of a message', () => {
  it('nothing replaces delivered, refused or cancelled, and nothing comes back from partial', () => {
    for (const to of all) {
      for (const last of [Status.delivered, Status.refused, Status.cancelled, Status.partial]) {
        expect(mayMove(last, to), `${last} to ${to}`).toBe(false);
      }
    }
  });

  it('a late delivery replaces expired and unknown, but not failed', () => {
    expect(mayMove(Status.expired, Status.delivered)).toBe(true);
    expect(mayMove(Status.unknown, Status.delivered)).toBe(true);
    expect(mayMove(Status.failed, Status.delivered)).toBe(false);
  });

  it('unknown never goes back to the queue by itself', () => {
    expect(ENTERED_FROM[Status.queued]).not.toContain(Status.unknown);
    expect(ENTERED_FROM[Status.claimed]).not.toContain(Status.unknown);
  });

  it('ends in the same state whatever the order of the news, once delivery is among them', () => {
    const news: Status[] = [Status.delivered, Status.expired, Status.delivered, Status.unknown, Status.expired];
    for (const order of permutations(news)) {
      let state: Status = Status.submitted;
      for (const to of order) if (mayMove(state, to)) state = to;
      expect(state).toBe(Status.delivered);
    }
  });

  it('[status:table] are all shown with words and codes a ClickSend client knows', () => {
    for (const status of all) {
      const shown = showStatus({ status, attempts: 0, scheduled: false, errorCode: null, refusal: null });
      expect(['Queued', 'Completed', 'Failed', 'Cancelled', 'Sent']).toContain(shown.status);
      expect(['200', '201', '300', '301']).toContain(shown.status_code);
      expect(statesShownAs(shown.status)).toContain(status);
    }
    expect(
      showStatus({ status: Status.queued, attempts: 0, scheduled: true, errorCode: null, refusal: null }).status,
    ).toBe('Scheduled');
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
