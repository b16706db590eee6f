import { normaliseRecipient } from '../numbers/numbers.ts';
import type { Address, Unread } from './store-unread.ts';

/** A whole text from a handset: one stored message, or the parts of a longer one. */
export interface Text {
  /** The rows it is made of. */
  ids: readonly string[];
  body: string;
  /** False where parts are missing that will not be waited for any longer. */
  whole: boolean;
  /** Where it came from and went to. */
  row: Unread;
  /** When its first and its last part came; of a message that is whole, the same. ms. */
  began: number;
  ended: number;
}

/** A text whose parts do not all come is read as it is after so long. */
const PARTS_WAIT_MS = 60_000;

const isPart = (row: Unread): boolean => row.part_of !== null && row.part_of > 1;

/** The rows among these that are parts of longer texts. */
export const partsAmong = (rows: readonly Unread[]): Unread[] => rows.filter(isPart);

/**
 * The texts that can be read now: in the order of their first rows, each once. `parts` are all unread parts of the longer
 * texts among `rows`.
 */
export function textsOf(rows: readonly Unread[], parts: readonly Unread[], now: number): Text[] {
  const groups = Map.groupBy(parts, groupOf);
  const texts: Text[] = [];
  for (const row of rows) {
    if (!isPart(row)) {
      texts.push({ ids: [row.id], body: row.body, whole: true, row, began: row.received_at, ended: row.received_at });
      continue;
    }
    const group = groups.get(groupOf(row));
    const text = group && join(group, now);
    groups.delete(groupOf(row));
    if (text) texts.push(text);
  }
  return texts;
}

const groupOf = (row: Unread): string => JSON.stringify([row.sender, row.recipient, row.part_reference, row.part_of]);

function join(parts: readonly Unread[], now: number): Text | null {
  const byNumber = new Map(parts.map((part) => [part.part_number, part]));
  const row = parts[0]!;
  const whole = byNumber.size >= row.part_of!;
  if (!whole && now - row.received_at < PARTS_WAIT_MS) return null;
  const inOrder = [...byNumber.values()].sort((a, b) => a.part_number! - b.part_number!);
  const body = inOrder.map((part) => part.body).join('');
  const times = parts.map((part) => part.received_at);
  return { ids: parts.map(({ id }) => id), body, whole, row, began: Math.min(...times), ended: Math.max(...times) };
}

/** As the messages to a handset may have the numbers of its answer: carriers leave out the plus, or the country. */
export function addressOf({ sender, recipient }: Unread): Address & { country: string } {
  const to = international(recipient, '');
  const from = international(sender, to?.country ?? '');
  return {
    handset: from?.e164 ?? sender,
    country: from?.country ?? '',
    numbers: to ? [recipient, to.e164] : [recipient],
  };
}

function international(number: string, country: string) {
  const plus = /^[1-9]\d{7,14}$/.test(number) ? normaliseRecipient(`+${number}`, '') : null;
  return plus ?? normaliseRecipient(number, country);
}
