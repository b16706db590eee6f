import { account } from './endpoints/account.ts';
import { countries } from './endpoints/countries.ts';
import { smsCancel, smsCancelAll } from './endpoints/sms-cancel.ts';
import { smsHistory, smsHistoryExport } from './endpoints/sms-history.ts';
import { smsReceipt, smsReceipts, smsReceiptsRead } from './endpoints/sms-receipts.ts';
import { smsPrice, smsSend } from './endpoints/sms-send.ts';
import { smsStatistics } from './endpoints/statistics.ts';

/**
 * The whole wire on one screen, by operation id. The server's routes, OpenAPI and the typed client are made from this
 * table, so `{ [K in keyof Endpoints]: Handler<Endpoints[K]> }` does not compile while a handler is missing.
 */
export const endpoints = {
  smsSend,
  smsPrice,
  smsHistory,
  smsHistoryExport,
  smsReceipts,
  smsReceipt,
  smsReceiptsRead,
  smsCancel,
  smsCancelAll,
  smsStatistics,
  account,
  countries,
} as const;

export type Endpoints = typeof endpoints;
export type OperationId = keyof Endpoints;
