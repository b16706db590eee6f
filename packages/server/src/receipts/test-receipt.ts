import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { Channel } from '../messages/message.ts';
import { Status } from '../messages/status.ts';
import { receiptFields } from '../rules/receipt-fields.ts';
import { pushTest, type TestPushParts } from '../webhooks/push-test.ts';
import { showReceipt } from './show-receipt.ts';

/** A number that ClickSend's v3 keeps for tests: nothing is ever sent to it. */
const HANDSET = '+61411111111';
/** How long the made-up message was under way. */
const UNDER_WAY_MS = 4_000;

/**
 * A made-up receipt, answered as it is pushed. There is no message it could stand beside in a list, so "poll" only shows it.
 *
 * @throws Refusal bad-request for a URL that may not be pushed to.
 */
export async function testReceipt(
  parts: TestPushParts,
  caller: Caller,
  { url, webhook_type: method }: Body<Endpoints['smsReceiptTest']>,
  depth: number,
): Promise<Answer<Endpoints['smsReceiptTest']>> {
  const at = parts.clock.now();
  const message = {
    id: parts.newId(),
    user_id: caller.userId,
    channel: Channel.sms,
    recipient: HANDSET,
    created_at: at - UNDER_WAY_MS,
    submitted_at: at - UNDER_WAY_MS,
    custom_string: 'test',
    depth: 0,
  };
  const shown = { status: Status.delivered, error_code: null, message_id: message.id, received_at: at, price_micro: 0 };
  const receipt = showReceipt({ ...message, ...shown });
  if (url.trim().toLowerCase() === 'poll') {
    const words = 'This is what a receipt looks like. GET /v3/sms/receipts does not list it, since no message has it.';
    return { data: receipt, words };
  }
  const ended = { accountId: caller.accountId, messageId: message.id, status: shown.status, errorCode: null, at };
  const fields = receiptFields(ended, message);
  await pushTest(parts, caller, { url: url.trim(), method: method ?? 'post', fields, depth });
  return { data: receipt, words: 'The test receipt is on its way to the URL.' };
}
