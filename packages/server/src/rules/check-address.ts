import type { Transaction } from 'kysely';
import type { Caller } from '../accounts/caller.ts';
import type { Schema } from '../db/schema.ts';
import { isEmail } from '../email-address.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { Refusal } from '../refusal.ts';
import { checkWebhookUrl } from '../webhooks/check-url.ts';
import { type AddressKind, FORWARDED_TO, isSystemId, readListId, readNumbers } from './actions.ts';
import { findRuleList, hasSmppClient } from './store.ts';

/** An action_address as it is kept, or what is wrong with it. */
export type CheckedAddress = { ok: true; address: string } | { ok: false; words: string };

const kept = (address: string): CheckedAddress => ({ ok: true, address });
const wrong = (words: string): CheckedAddress => ({ ok: false, words: `action_address ${words}` });

export interface AddressParts {
  tx: Transaction<Schema>;
  caller: Caller;
  allowUrls: OutboundParts['allow'];
}

/** Whether an action can do something with its address. What only shows when it acts (a name that leads inside) is judged then. */
export async function checkAddress(parts: AddressParts, kind: AddressKind, written: string): Promise<CheckedAddress> {
  const address = written.trim();
  switch (kind) {
    case 'nothing':
    case 'text':
      return kept(address);
    case 'email':
      return isEmail(address) ? kept(address) : wrong('must be an email address, like ana@example.com.');
    case 'url':
      return checkUrl(address, parts.allowUrls);
    case 'numbers':
      return checkNumbers(address, parts.caller.account.country);
    case 'list':
    case 'open-list':
      return checkList(parts, kind, address);
    case 'system-id':
      return checkClient(parts, address);
  }
}

function checkUrl(address: string, allow: OutboundParts['allow']): CheckedAddress {
  if (address === '') return wrong('must be a URL, like https://example.com/hooks.');
  try {
    checkWebhookUrl(address, 'action_address', allow);
    return kept(address);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, words: error.fields?.action_address ?? error.message };
  }
}

function checkNumbers(address: string, country: string): CheckedAddress {
  const { numbers, wrong: others } = readNumbers(address, country);
  if (others.length > 0) {
    const shown = others[0]!.slice(0, 40);
    return wrong(
      `holds "${shown}", which is no telephone number: write numbers like +61411111111, with commas between.`,
    );
  }
  if (numbers.length === 0) return wrong('must be a number like +61411111111, or several with commas between.');
  if (numbers.length > FORWARDED_TO) {
    return wrong(`has ${numbers.length} numbers; ${FORWARDED_TO} fit. Make a list of them, and a rule GROUP_SMS.`);
  }
  return kept(numbers.join(','));
}

async function checkList({ tx, caller }: AddressParts, kind: AddressKind, address: string): Promise<CheckedAddress> {
  const listId = readListId(address);
  if (listId === null) return wrong('must be the id of a list; GET /v3/lists names those there are.');
  const list = await findRuleList(tx, caller.accountId, listId);
  if (!list) return wrong(`names no list of this account: GET /v3/lists names those there are.`);
  if (list.is_opt_out && kind === 'open-list') {
    return wrong('names the Opt-Out list, which is filled by opt-outs alone.');
  }
  return kept(String(listId));
}

async function checkClient({ tx, caller }: AddressParts, address: string): Promise<CheckedAddress> {
  if (!isSystemId(address)) return wrong('must be the system_id of an SMPP client: 1 to 15 characters without spaces.');
  if (await hasSmppClient(tx, caller.accountId, address)) return kept(address);
  return wrong('names no SMPP client of this account.');
}

/** What of a rule decides whether its address is judged again. */
interface Acting {
  action: string;
  action_address: string;
  enabled: boolean;
}

/**
 * Whether a changed rule still acts on what it did: then its address is not judged again, so that one whose list is gone can
 * be renamed and switched off. Switched on, it is judged as a new one.
 */
export const actsAsBefore = (old: Acting, changed: Acting): boolean =>
  changed.action === old.action.toUpperCase() &&
  changed.action_address.trim() === old.action_address &&
  (old.enabled || !changed.enabled);
