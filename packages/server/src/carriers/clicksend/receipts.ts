import type { CarrierInbound, CarrierReceipt, ReceiptState } from '../../messages/carrier.ts';
import { count, isRow, parse, type Row, text } from './envelopes.ts';

/** What is kept of a receipt for the operator; real ones are about 350 characters. */
const RAW_LIMIT = 4_000;

/**
 * A receipt of the list, or null for what is none of an SMS. It speaks of a whole message, whatever its parts. The handset
 * is not in it.
 */
export function receiptOf(row: Row): CarrierReceipt | null {
  const upstreamId = text(row.message_id).trim();
  const type = text(row.message_type ?? row._message_type).toLowerCase();
  if (upstreamId === '' || !['', 'sms'].includes(type)) return null;
  const error = count(row.error_code);
  return {
    upstreamId,
    state: stateOf(text(row.status_code), error, text(row.status)),
    error: error === null ? null : String(error),
    recipient: null,
    raw: JSON.stringify(row).slice(0, RAW_LIMIT),
  };
}

/**
 * A receipt that was pushed to a URL of ours: a form, or JSON where the rule says so. null for a body that is no receipt
 * of an SMS.
 */
export function pushedReceipt(body: string, contentType: string): CarrierReceipt | null {
  const row = /^application\/([\w.-]+\+)?json\b/i.test(contentType.trim())
    ? parse(body)
    : Object.fromEntries(new URLSearchParams(body));
  return isRow(row) && text(row.status_code) + text(row.status) !== '' ? receiptOf(row) : null;
}

/** A message from a handset; null where it does not say from whom. */
export function inboundOf(row: Row): CarrierInbound | null {
  const from = text(row.from ?? row.sms).trim();
  if (from === '') return null;
  const providerId = text(row.message_id).trim();
  return {
    providerId: providerId === '' ? null : providerId,
    from,
    to: text(row.to ?? row.originalsenderid).trim(),
    body: text(row.body ?? row.message),
    part: null,
  };
}

/**
 * ClickSend's delivery codes. 300 and 302 are failures that it tries again itself; its sources disagree whether 300 is
 * final, and a final failure comes as 301 in any case. Older samples have words in the place of the code.
 */
function stateOf(code: string, error: number | null, status: string): ReceiptState {
  switch (code) {
    case '200':
      return 'accepted';
    case '201':
      return 'delivered';
    case '300':
    case '302':
      return 'enroute';
    case '301':
      return failure(error);
  }
  const word = status.toLowerCase();
  return word === 'delivered' ? 'delivered' : word === 'undelivered' ? 'undeliverable' : 'unknown';
}

/** Of ClickSend's error numbers: 15 and 19 are the network saying no, 20 is the end of the message's validity. */
function failure(error: number | null): ReceiptState {
  if (error === 20) return 'expired';
  return error === 15 || error === 19 ? 'rejected' : 'undeliverable';
}
