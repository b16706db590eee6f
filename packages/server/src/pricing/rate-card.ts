/** One row of the table `rates`. */
export interface RateRow {
  rate_id: number;
  /** 'sms', 'mms', … */
  channel: string;
  /** ISO alpha-2, or '*' for every country without a row of its own. Of a row with a prefix it is only the label. */
  country: string;
  /** Digits after the '+'; empty = the whole country. */
  prefix: string;
  /** Micro-units of the account's currency per part. */
  price_micro: number;
  /** Milliseconds since the epoch: `valid_from` is the first that counts, `valid_to` the first that no longer does. */
  valid_from: number;
  valid_to: number | null;
}

export interface Rate {
  rateId: number;
  /** For people: 'AU', 'AU +614', '*'. */
  label: string;
  microPerPart: number;
}

/** The rates of one channel as they stand from `at` on, indexed for a lookup per message. */
export interface RateCard {
  /** The next moment a row begins or ends: from then on the card must be built anew. Infinity = no such row. */
  validUntil: number;
  byPrefix: ReadonlyMap<string, Rate>;
  /** Lengths that occur among the prefixes, longest first. */
  prefixLengths: readonly number[];
  byCountry: ReadonlyMap<string, Rate>;
  other: Rate | null;
}

/** Builds the card of `channel` at the moment `at`. Of rows that overlap, the one that began last counts. */
export function buildRateCard(rows: readonly RateRow[], at: number, channel = 'sms'): RateCard {
  const ofChannel = rows.filter((row) => row.channel === channel);
  const current = ofChannel
    .filter((row) => row.valid_from <= at && (row.valid_to === null || at < row.valid_to))
    .sort((a, b) => a.valid_from - b.valid_from || a.rate_id - b.rate_id);
  const wholes = current.filter((row) => row.prefix === '');
  const byPrefix = new Map(current.filter((row) => row.prefix !== '').map((row) => [row.prefix, toRate(row)]));
  const byCountry = new Map(wholes.map((row) => [row.country, toRate(row)]));
  return {
    validUntil: nextChange(ofChannel, at),
    byPrefix,
    prefixLengths: [...new Set([...byPrefix.keys()].map((prefix) => prefix.length))].sort((a, b) => b - a),
    byCountry,
    other: byCountry.get('*') ?? null,
  };
}

/**
 * The rate for a recipient: the longest prefix of `e164` (with its `+`), then `country`, then '*'. Null = the card has
 * no price for it, so nothing may be sent there.
 */
export function rateFor(card: RateCard, e164: string, country: string): Rate | null {
  for (const length of card.prefixLengths) {
    const rate = card.byPrefix.get(e164.slice(1, 1 + length));
    if (rate) return rate;
  }
  return card.byCountry.get(country) ?? card.other;
}

function toRate(row: RateRow): Rate {
  const label = row.prefix === '' ? row.country : `${row.country} +${row.prefix}`;
  return { rateId: row.rate_id, label, microPerPart: row.price_micro };
}

function nextChange(rows: readonly RateRow[], at: number): number {
  return rows
    .flatMap((row) => [row.valid_from, row.valid_to ?? Infinity])
    .reduce((soonest, moment) => (moment > at && moment < soonest ? moment : soonest), Infinity);
}
