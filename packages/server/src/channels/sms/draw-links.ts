import type { Random } from '@veredus/protocols/random';
import type { Caller } from '../../accounts/caller.ts';
import { linkText, newCode } from '../../links/codes.ts';
import { insertLinks, LINK_KEPT_MS, LinkKind, type NewLink } from '../../links/store.ts';
import { type Accepted, type AcceptOptions, type AcceptParts, accept, type Draft } from '../../messages/accept.ts';
import type { DuplicateGuard, Written } from '../../messages/throttle.ts';
import { askedText, type PlacedLinks, type Places } from './place-links.ts';

/** Drafts with places in their texts; `links` by position, null where a text has none. */
export interface LinkedDrafts {
  drafts: readonly Draft[];
  places: Places;
  links: readonly (PlacedLinks | null)[];
}

/** The same drafts with codes in their places. */
interface Drawn {
  drafts: Draft[];
  /** By position; none where a text has none. */
  links: NewLink[][];
  /** What was asked for, by the text with its codes. */
  asked: ReadonlyMap<string, string>;
}

const UNIQUE_VIOLATION = '23505';

/**
 * `accept` for texts with links: each recipient gets codes of his own, stored with his message. A code that exists already is
 * drawn again, once: a second time is no chance any more.
 */
export async function acceptLinked(
  parts: AcceptParts & { random: Random },
  caller: Caller,
  linked: LinkedDrafts,
  options: AcceptOptions,
): Promise<Accepted> {
  for (let tries = 1; ; tries++) {
    const { drafts, links, asked } = drawLinks(parts, caller, linked, options);
    const guard = blindToCodes(parts.guard, asked);
    try {
      return await accept({ ...parts, guard }, caller, drafts, {
        ...options,
        async within(run, rows) {
          await insertLinks(
            run,
            rows.flatMap((row, i) => (row.refusal === null ? links[i]! : [])),
          );
          await options.within?.(run, rows);
        },
      });
    } catch (error) {
      if (tries > 1 || !isTakenCode(error)) throw error;
    }
  }
}

const isTakenCode = (error: unknown): boolean => {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === UNIQUE_VIOLATION && constraint === 'links_pkey';
};

function drawLinks(
  parts: AcceptParts & { random: Random },
  caller: Caller,
  { drafts, places, links }: LinkedDrafts,
  { channel }: AcceptOptions,
): Drawn {
  const asked = new Map<string, string>();
  const now = parts.clock.now();
  const drawn = drafts.map((draft, i) => {
    const placed = links[i];
    if (!placed || draft.refusal !== null) return { draft, links: [] };
    const made: NewLink[] = [];
    const fill = (body: string, place: string, kind: LinkKind, url: string | null) => {
      if (!body.includes(place)) return body;
      const code = newCode(parts.random);
      made.push({ ...linkOf(draft, now), accountId: caller.accountId, channel, code, kind, url });
      return body.replaceAll(place, linkText(places.base, code));
    };
    const shortened = fill(draft.body, places.url, LinkKind.click, placed.url);
    const body = fill(shortened, places.optOut, LinkKind.optOut, null);
    asked.set(body, askedText(draft.body, placed, places));
    return { draft: { ...draft, body }, links: made };
  });
  return { drafts: drawn.map(({ draft }) => draft), links: drawn.map((one) => one.links), asked };
}

/** A link works for its time from when the message is due. The contact of a message to a number is only echoed. */
function linkOf({ recipient, listId, contactId, scheduleAt }: Draft, now: number) {
  return {
    campaignId: null,
    recipient,
    listId,
    contactId: listId === null || contactId === null ? null : Number(contactId),
    createdAt: now,
    expiresAt: (scheduleAt ?? now) + LINK_KEPT_MS,
  };
}

/** Texts that differ in nothing but their codes are the same text. */
function blindToCodes(guard: DuplicateGuard, asked: ReadonlyMap<string, string>): DuplicateGuard {
  const seen = (messages: readonly Written[]) =>
    messages.map(({ recipient, body }) => ({ recipient, body: asked.get(body) ?? body }));
  return {
    judge: (accountId, messages, windowMs, owner) => guard.judge(accountId, seen(messages), windowMs, owner),
    forget: (accountId, messages) => guard.forget(accountId, seen(messages)),
  };
}
