import type { Handlers } from '../accounts/call.ts';
import type { ReadParts } from '../events/read-events.ts';
import { readEventPage } from './read-event-page.ts';

export function eventRoutes(parts: ReadParts): Pick<Handlers, 'eventsPage'> {
  return { eventsPage: ({ caller, query }) => readEventPage(parts, caller, query) };
}
