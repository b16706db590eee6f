import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';

const DIGITS = Buffer.from('0123456789abcdef');
const POOL_BYTES = 8_000;
const COUNTER_LIMIT = 0x1000;

/**
 * Makes message ids: UUIDv7 (RFC 9562 §6.2 method 1: a counter in rand_a keeps the ids of one millisecond in order, so
 * rows lie in the order they were accepted). Randomness is drawn in pools: one id costs about 0.2 µs.
 */
export function messageIds(clock: Clock, random: Random): () => string {
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;
  let millisecond = 0;
  let counter = 0;
  // Written digit by digit into one buffer: put together from pieces, an id would leave a dozen strings behind.
  const text = Buffer.from('00000000-0000-7000-8000-000000000000');
  const write = (at: number, value: number, digits: number) => {
    let rest = Math.floor(value);
    for (let i = at + digits - 1; i >= at; i--) {
      text[i] = DIGITS[rest & 15]!;
      rest = Math.floor(rest / 16);
    }
  };

  return () => {
    if (used + 8 > pool.length) {
      pool = random.bytes(POOL_BYTES);
      used = 0;
    }
    const now = clock.now();
    if (now > millisecond) {
      millisecond = Math.floor(now);
      counter = pool[used]! & 0xff;
    } else if (++counter >= COUNTER_LIMIT) {
      millisecond += 1;
      counter = 0;
    }
    write(0, millisecond / 0x10000, 8);
    write(9, millisecond % 0x10000, 4);
    write(15, counter, 3);
    text[19] = DIGITS[8 | (pool[used]! & 3)]!;
    write(20, (pool[used]! << 4) | (pool[used + 1]! & 15), 3);
    for (let i = 0; i < 6; i++) write(24 + 2 * i, pool[used + 2 + i]!, 2);
    used += 8;
    return text.toString('latin1');
  };
}

/** The smallest id of a millisecond: the lower bound of everything accepted from then on. */
export function firstIdOf(milliseconds: number): string {
  const time = Math.max(0, Math.floor(milliseconds)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

/** The millisecond a UUIDv7 was made in. */
export const millisecondOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A message id as callers write it (any case), in the form the tables use; null when it is none. */
export const parseMessageId = (text: string): string | null => (UUID.test(text) ? text.toLowerCase() : null);

/** As shown to callers: ClickSend's ids are upper-case GUIDs. */
export const showMessageId = (id: string): string => id.toUpperCase();
