/**
 * The world's numbering plans, compiled from libphonenumber's metadata, for one question: where does this E.164 number
 * lead, and may a text message go there?
 *
 * Why not just ask the library: its parser compiles a dozen regular expressions a call, 6 µs a number; the same
 * rules compiled once take 0.2 µs, and accept asks for each message. What the library would first rewrite (a trunk
 * prefix after the calling code, `+61 0411…`) is left to it. numbers.test.ts proves both answers equal.
 */
import type { CountryCode } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/metadata.max.json';

/** Where a number leads; 'ZZ' (CLDR's "unknown region") for numbers of no country, such as satellite phones. */
export interface Destination {
  country: string;
  /** A valid number of a premium-rate range. */
  premium: boolean;
  /** Its length is one that a mobile, fixed-line or internet telephone of that plan can have. */
  reachable: boolean;
}

interface Kind {
  pattern: RegExp;
  /** Bit n set = n digits are possible. */
  lengths: number;
}

interface Plan {
  country: string;
  leading: RegExp | null;
  general: RegExp;
  kinds: { mobile: Kind | null; fixed: Kind | null; premium: Kind | null; others: Kind[] };
  reachable: number;
}

interface Zone {
  /** What a national number would begin with if a trunk prefix had been left in. */
  trunk: RegExp | null;
  /** The main country first; its plan also serves numbers that belong to none of them. */
  plans: [Plan, ...Plan[]];
}

/** Slots of a plan in metadata version 4, as the library's METADATA.md lists them. */
const SLOT = { idd: 1, pattern: 2, lengths: 3, trunk: 5, trunkForParsing: 7, leading: 10, types: 11 } as const;
const TYPE = { fixed: 0, mobile: 1, premium: 3, voip: 8 } as const;

const zones = new Map<string, Zone>();
for (const [code, countries] of Object.entries(metadata.country_calling_codes)) {
  zones.set(code, toZone(countries.map((country: CountryCode) => toPlan(country, metadata.countries[country]!))));
}
for (const [code, slots] of Object.entries(metadata.nonGeographic)) zones.set(code, toZone([toPlan('ZZ', slots)]));

/**
 * Classifies `digits`, an E.164 number without its `+`. Null = no such calling code; undefined = the number may hold a
 * trunk prefix, so the library must be asked.
 */
export function destinationOf(digits: string): Destination | null | undefined {
  for (let length = 1; length <= 3; length++) {
    const zone = zones.get(digits.slice(0, length));
    if (zone) return inZone(zone, digits.slice(length));
  }
  return null;
}

/** The same answer for a number the library has parsed: by its country, else by its calling code. */
export function planOf(callingCode: string, country: string | undefined): { country: string; lengths: number } {
  const plans = zones.get(callingCode)!.plans;
  const plan = plans.find((candidate) => candidate.country === country) ?? plans[0];
  return { country: plan.country, lengths: plan.reachable };
}

/** Whether `digits`, as dialled in `country`, begin with its own prefix for calls abroad (0011 in Australia). */
export function dialsAbroad(digits: string, country: string): boolean {
  const idd = metadata.countries[country as CountryCode]?.[SLOT.idd];
  return Boolean(idd) && new RegExp(`^(?:${idd})`).test(digits);
}

/** Whether a mobile number of `country` (a fixed-line one where it has no mobiles) may be so many digits long. */
export function isMobileLength(length: number, country: string): boolean {
  const slots = metadata.countries[country as CountryCode];
  if (!slots) return false;
  const lengths = lengthsOf(slots, TYPE.mobile) || lengthsOf(slots, TYPE.fixed);
  return Boolean((lengths >> length) & 1);
}

function inZone({ trunk, plans }: Zone, national: string): Destination | undefined {
  if (trunk?.test(national)) return undefined;
  const plan = plans.length === 1 ? plans[0] : (plans.find((candidate) => claims(candidate, national)) ?? plans[0]);
  return {
    country: plan.country,
    premium: kindOf(plan, national) === 'premium',
    reachable: Boolean((plan.reachable >> national.length) & 1),
  };
}

/** Countries that share a calling code are told apart by leading digits where they have them, else by their ranges. */
function claims(plan: Plan, national: string): boolean {
  return plan.leading ? plan.leading.test(national) : kindOf(plan, national) !== null;
}

function kindOf({ general, kinds }: Plan, national: string): 'premium' | 'other' | null {
  if (!general.test(national)) return null;
  if (matches(kinds.mobile, national) || matches(kinds.fixed, national)) return 'other';
  if (matches(kinds.premium, national)) return 'premium';
  return kinds.others.some((kind) => matches(kind, national)) ? 'other' : null;
}

function matches(kind: Kind | null, national: string): boolean {
  return kind !== null && Boolean((kind.lengths >> national.length) & 1) && kind.pattern.test(national);
}

function toZone(plans: Plan[]): Zone {
  const [main, ...rest] = plans as [Plan, ...Plan[]];
  const slots = metadata.countries[main.country as CountryCode];
  const trunk = slots?.[SLOT.trunkForParsing] || slots?.[SLOT.trunk];
  return { trunk: trunk ? new RegExp(`^(?:${trunk})`) : null, plans: [main, ...rest] };
}

function toPlan(country: string, slots: readonly unknown[]): Plan {
  const types = (slots[SLOT.types] || []) as unknown[];
  const kinds = types.map((_, type) => toKind(slots, type));
  const leading = slots[SLOT.leading];
  return {
    country,
    leading: leading ? new RegExp(`^(?:${leading})`) : null,
    general: new RegExp(`^(?:${slots[SLOT.pattern]})$`),
    kinds: {
      mobile: kinds[TYPE.mobile] ?? null,
      fixed: kinds[TYPE.fixed] ?? null,
      premium: kinds[TYPE.premium] ?? null,
      others: kinds.filter((kind, type) => kind !== null && type > TYPE.mobile && type !== TYPE.premium) as Kind[],
    },
    reachable: lengthsOf(slots, TYPE.mobile) | lengthsOf(slots, TYPE.fixed) | lengthsOf(slots, TYPE.voip),
  };
}

function toKind(slots: readonly unknown[], type: number): Kind | null {
  const pattern = (slots[SLOT.types] as (readonly [string] | 0 | undefined)[])[type] || undefined;
  // An empty mobile pattern means: as the fixed-line one, which is asked too.
  return pattern?.[0] ? { pattern: new RegExp(`^(?:${pattern[0]})$`), lengths: lengthsOf(slots, type) } : null;
}

/** Possible lengths of one type as bits; 0 where the plan has no such numbers. */
function lengthsOf(slots: readonly unknown[], type: number): number {
  const entry = ((slots[SLOT.types] || []) as (readonly [string, number[]?] | 0)[])[type];
  if (!entry) return 0;
  const lengths = entry[1] ?? (slots[SLOT.lengths] as number[]);
  return lengths.reduce((bits, length) => bits | (1 << length), 0);
}
