import { CONTACT_FIELDS, type ContactField, fieldNamed } from '../lists/contact-fields.ts';
import { Refusal } from '../refusal.ts';

/** Which field each column holds; null = the column is skipped. */
export type FieldOrder = readonly (ContactField | null)[];

const SKIPS = new Set(['', 'skip', 'ignore', '-', 'null']);
/** There are 16 fields; the rest of a wide sheet is skipped by not being named. */
const MOST_NAMED = 256;
const ALLOWED = `phone, ${CONTACT_FIELDS.join(', ')}, and skip for a column that is not wanted`;

/**
 * Reads a field_order as clients send it: an array, the same as JSON text, or names with commas between.
 *
 * @throws Refusal bad-request that names what is wrong and what is allowed.
 */
export function readFieldOrder(raw: string | readonly (string | null)[]): FieldOrder {
  const names = typeof raw === 'string' ? namesIn(raw) : raw;
  if (names.length > MOST_NAMED) throw fault(`field_order has ${names.length} columns; ${MOST_NAMED} can be named.`);
  const order = names.map((name, index) => fieldOf(name, index));
  for (const [index, field] of order.entries()) {
    if (field !== null && order.indexOf(field) < index) {
      throw fault(`field_order names ${field} twice, in columns ${order.indexOf(field) + 1} and ${index + 1}.`);
    }
  }
  const reachable = order.some((field) => field === 'phone_number' || field === 'email' || field === 'fax_number');
  if (!reachable) throw fault('field_order must name at least one of phone, email and fax_number.');
  return order;
}

function namesIn(text: string): readonly (string | null)[] {
  if (text.trim().startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (Array.isArray(parsed) && parsed.every((name) => name === null || typeof name === 'string')) return parsed;
    } catch {
      // Not JSON after all; the names in it will be refused with their brackets.
    }
  }
  return text.split(',');
}

function fieldOf(name: string | null, index: number): ContactField | null {
  if (name === null || SKIPS.has(name.trim().toLowerCase())) return null;
  const field = fieldNamed(name);
  if (field) return field;
  throw fault(
    `field_order: column ${index + 1} is named "${name.trim().slice(0, 60)}", which is no field. Allowed: ${ALLOWED}.`,
  );
}

function fault(words: string): Refusal {
  return new Refusal('bad-request', words, { fields: { field_order: words } });
}
