import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { eventResets } from '@veredus/contract/endpoints/events';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { writeCursor } from '../events/cursor.ts';
import { type ReadParts, readEvents, startAt } from '../events/read-events.ts';
import { showEvent } from './show-event.ts';

/** What happened behind a place, for callers that ask again and again. */
export async function readEventPage(
  parts: ReadParts,
  { accountId }: Caller,
  { after, kinds, limit }: Query<Endpoints['eventsPage']>,
): Promise<Answer<Endpoints['eventsPage']>> {
  const { cursor, reset } = await startAt(parts, accountId, after ?? null);
  if (after === undefined || reset !== null) {
    const words = reset === null ? 'Events come from here on: ask again with next.' : eventResets[reset];
    return { data: { events: [], next: writeCursor(cursor), more: false, reset }, words };
  }
  const page = await readEvents(parts, accountId, { cursor, kinds: kinds ?? null, most: limit });
  const events = page.happenings.map((happening) => ({
    id: writeCursor(happening.cursor),
    kind: happening.kind,
    data: showEvent(happening),
  }));
  return { data: { events, next: writeCursor(page.next), more: page.more, reset: null }, words: 'Events.' };
}
