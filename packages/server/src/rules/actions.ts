import { type InboundAction, inboundActions, type ReceiptAction, receiptActions } from '@veredus/contract/rule-actions';
import { normaliseRecipient } from '../numbers/numbers.ts';

export type { InboundAction, ReceiptAction };

export const INBOUND_ACTIONS = Object.keys(inboundActions) as readonly InboundAction[];
export const RECEIPT_ACTIONS = Object.keys(receiptActions) as readonly ReceiptAction[];

/**
 * What `action_address` must be. `open-list`: any list of the account but its Opt-Out list, which nobody joins by a rule.
 */
export type AddressKind = 'nothing' | 'text' | 'email' | 'url' | 'numbers' | 'list' | 'open-list' | 'system-id';

export const ADDRESS_OF: Readonly<Record<InboundAction, AddressKind>> = {
  AUTO_REPLY: 'text',
  EMAIL_USER: 'nothing',
  EMAIL_FIXED: 'email',
  URL: 'url',
  SMS: 'numbers',
  POLL: 'nothing',
  GROUP_SMS: 'list',
  MOVE_CONTACT: 'open-list',
  CREATE_CONTACT: 'open-list',
  CREATE_CONTACT_PLUS_EMAIL: 'open-list',
  CREATE_CONTACT_PLUS_NAME_EMAIL: 'open-list',
  CREATE_CONTACT_PLUS_NAME: 'open-list',
  SMPP: 'system-id',
  NONE: 'nothing',
};

export const RECEIPT_ADDRESS_OF: Readonly<Record<ReceiptAction, AddressKind>> = {
  POLL: 'nothing',
  URL: 'url',
  EMAIL: 'email',
};

/** The most numbers one rule may forward to. */
export const FORWARDED_TO = 20;

/** Reads an action in any case; null = there is none of that name. */
export function readAction<A extends string>(text: string, actions: readonly A[]): A | null {
  const upper = text.trim().toUpperCase();
  return actions.find((action) => action === upper) ?? null;
}

/** The numbers of an action_address in E.164, each once, and what in it is no number. `country`: of those in local form. */
export function readNumbers(address: string, country: string): { numbers: string[]; wrong: string[] } {
  const numbers = new Set<string>();
  const wrong: string[] = [];
  for (const piece of address.split(/[,;]/).filter((text) => text.trim() !== '')) {
    const number = normaliseRecipient(piece.trim(), country);
    if (number) numbers.add(number.e164);
    else wrong.push(piece.trim());
  }
  return { numbers: [...numbers], wrong };
}

/** The list id of an action_address; null = it is none. */
export function readListId(address: string): number | null {
  const text = address.trim();
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2 ** 31 - 1 ? Number(text) : null;
}

/** SMPP 3.4 §5.2.1: up to 15 octets of ASCII; blanks would not survive an operator's command line. */
export const isSystemId = (address: string): boolean => /^[\x21-\x7e]{1,15}$/.test(address.trim());
