import type { Handlers } from '../accounts/call.ts';
import { listReceipts, markReceiptsRead, type ReceiptParts, readReceipt } from './read-receipts.ts';

export function receiptRoutes(parts: ReceiptParts): Pick<Handlers, 'smsReceipts' | 'smsReceipt' | 'smsReceiptsRead'> {
  return {
    smsReceipts: ({ caller, query }) => listReceipts(parts, caller, query),
    smsReceipt: ({ caller, params }) => readReceipt(parts, caller, params),
    smsReceiptsRead: ({ caller, body }) => markReceiptsRead(parts, caller, body),
  };
}
