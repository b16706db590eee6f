import type { Handlers } from '../accounts/call.ts';
import type { TestPushParts } from '../webhooks/push-test.ts';
import { listReceipts, markReceiptsRead, type ReceiptParts, readReceipt } from './read-receipts.ts';
import { testReceipt } from './test-receipt.ts';

export function receiptRoutes(
  parts: ReceiptParts & TestPushParts,
): Pick<Handlers, 'smsReceipts' | 'smsReceipt' | 'smsReceiptsRead' | 'smsReceiptTest'> {
  return {
    smsReceipts: ({ caller, query }) => listReceipts(parts, caller, query),
    smsReceipt: ({ caller, params }) => readReceipt(parts, caller, params),
    smsReceiptTest: ({ caller, body, depth }) => testReceipt(parts, caller, body, depth),
    smsReceiptsRead: ({ caller, body }) => markReceiptsRead(parts, caller, body),
  };
}
