import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import type { Submit, TextKey } from '../../esmes/store-submits.ts';
import { gatherTexts, type Joined } from './join-parts.ts';
import type { ReadSubmit } from './read-submit.ts';

/** A submit between its coming and its answer. */
export interface Piece {
  /** Its id, should it be a part; a whole text is known by its message's. */
  readonly id: string;
  readonly submit: ReadSubmit;
  /** Set once it is known. */
  answer: { status: number; messageId: string } | null;
}

/** A part among others of its text, just come (`piece`) or waiting in the table (`row`). */
export interface Part {
  readonly number: number;
  readonly body: string;
  readonly piece: Piece | null;
  readonly row: Submit | null;
}

/** A text that is whole, with the submits it is made of. */
export interface Text {
  readonly body: string;
  /** Whose addresses and times count: the one that completed it. */
  readonly last: ReadSubmit;
  readonly pieces: readonly Piece[];
  /** Waiting parts that become it. */
  readonly rows: readonly Submit[];
  /** Waiting parts whose place another took. */
  readonly superseded: readonly Submit[];
}

/** The parts under one key, in the order they came. */
export interface Run {
  readonly key: TextKey;
  readonly name: string;
  pieces: Piece[];
}

/** Texts that came whole, alone or as all their parts together, and parts that still need others. */
export function sortPieces(pieces: readonly Piece[]): { texts: Text[]; runs: Run[]; odd: Piece[] } {
  const texts: Text[] = [];
  const odd: Piece[] = [];
  const runs = new Map<string, Run>();
  for (const piece of pieces) {
    const { join, source, destination } = piece.submit;
    if (join === null) {
      texts.push({ body: piece.submit.body, last: piece.submit, pieces: [piece], rows: [], superseded: [] });
      continue;
    }
    const key = { source, destination, reference: join.reference, of: join.of };
    const name = JSON.stringify([source, destination, join.reference, join.of]);
    const run = runs.get(name) ?? { key, name, pieces: [] };
    run.pieces.push(piece);
    runs.set(name, run);
  }
  const open: Run[] = [];
  for (const run of runs.values()) {
    const gathered = gather(run, []);
    texts.push(...gathered.texts);
    odd.push(...gathered.odd);
    if (gathered.rest.length > 0) open.push({ ...run, pieces: gathered.rest });
  }
  return { texts, runs: open, odd };
}

/** What a run comes to with the parts that wait in the table. `odd`: pieces whose place a later one took at once. */
export function gather(run: Run, waiting: readonly Submit[]): { texts: Text[]; rest: Piece[]; odd: Piece[] } {
  const parts = run.pieces.map(
    (piece): Part => ({ number: piece.submit.join!.number, body: piece.submit.body, piece, row: null }),
  );
  const rows = waiting.map((row): Part => ({ number: row.part!.number, body: row.part!.body ?? '', piece: null, row }));
  const { whole, rest } = gatherTexts(parts, run.key.of, rows);
  return {
    texts: whole.map(textOf),
    rest: rest.flatMap(({ piece }) => piece ?? []),
    odd: whole.flatMap(({ superseded }) => superseded.flatMap(({ piece }) => piece ?? [])),
  };
}

function textOf({ body, used, superseded }: Joined<Part>): Text {
  const pieces = used.flatMap(({ piece }) => piece ?? []);
  return {
    body,
    last: pieces.at(-1)!.submit,
    pieces,
    rows: used.flatMap(({ row }) => row ?? []),
    superseded: superseded.flatMap(({ row }) => row ?? []),
  };
}

/** The message a text asks for, as REST would have read it. */
export function messageOf({ body, last }: Text): SmsMessage {
  return {
    to: last.to,
    list_id: null,
    body,
    from: last.from,
    schedule: last.schedule,
    custom_string: '',
    source: 'smpp',
    country: '',
    from_email: null,
    contact_id: null,
    exclude_no_sender_id_recipients: false,
    fault: body.trim() === '' ? { status: 'EMPTY_MESSAGE', words: 'The message has no text.' } : null,
  };
}
