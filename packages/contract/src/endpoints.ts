import { account } from './endpoints/account.ts';
import {
  smsCampaignLinkExport,
  smsCampaignLinkStatistics,
  smsCampaignLinkTracking,
} from './endpoints/campaign-links.ts';
import { contactSuggestions, searchContactsLists } from './endpoints/contact-search.ts';
import {
  contactById,
  contactCopy,
  contactCreate,
  contactDelete,
  contacts,
  contactTransfer,
  contactTransferOld,
  contactUpdate,
  listRemoveDuplicates,
  listRemoveOptedOut,
} from './endpoints/contacts.ts';
import { countries } from './endpoints/countries.ts';
import {
  listImport,
  listImportById,
  listImportCancel,
  listImportCsvPreview,
  listImportErrors,
  listImportPreview,
  listImports,
  listImportUndo,
} from './endpoints/list-import.ts';
import {
  listById,
  listCreate,
  listDelete,
  listExport,
  listImportFields,
  lists,
  listUpdate,
} from './endpoints/lists.ts';
import { optOutConfirm, optOutHistory, optOutLift, optOutRecord, optOuts } from './endpoints/opt-outs.ts';
import {
  smsCampaignCancel,
  smsCampaignPause,
  smsCampaignPrice,
  smsCampaignRecipients,
  smsCampaignResume,
  smsCampaignSend,
  smsCampaignShow,
  smsCampaigns,
  smsCampaignUpdate,
} from './endpoints/sms-campaigns.ts';
import { smsCancel, smsCancelAll } from './endpoints/sms-cancel.ts';
import { smsHistory, smsHistoryExport } from './endpoints/sms-history.ts';
import { smsPreview } from './endpoints/sms-preview.ts';
import { smsReceipt, smsReceipts, smsReceiptsRead } from './endpoints/sms-receipts.ts';
import { smsPrice, smsSend } from './endpoints/sms-send.ts';
import {
  smsTemplate,
  smsTemplateCreate,
  smsTemplateDelete,
  smsTemplates,
  smsTemplateUpdate,
} from './endpoints/sms-templates.ts';
import { smsStatistics } from './endpoints/statistics.ts';
import { upload } from './endpoints/uploads.ts';

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
  smsCampaignSend,
  smsCampaignPrice,
  smsCampaigns,
  smsCampaignShow,
  smsCampaignUpdate,
  smsCampaignCancel,
  smsCampaignPause,
  smsCampaignResume,
  smsCampaignRecipients,
  smsCampaignLinkStatistics,
  smsCampaignLinkTracking,
  smsCampaignLinkExport,
  smsTemplates,
  smsTemplateCreate,
  smsTemplate,
  smsTemplateUpdate,
  smsTemplateDelete,
  smsPreview,
  upload,
  optOuts,
  optOutRecord,
  optOutConfirm,
  optOutLift,
  optOutHistory,
  lists,
  listCreate,
  listById,
  listUpdate,
  listDelete,
  listExport,
  listImportFields,
  listImport,
  listImportCsvPreview,
  listImportPreview,
  listImports,
  listImportById,
  listImportErrors,
  listImportUndo,
  listImportCancel,
  listRemoveDuplicates,
  listRemoveOptedOut,
  contacts,
  contactCreate,
  contactById,
  contactUpdate,
  contactDelete,
  contactCopy,
  contactTransfer,
  contactTransferOld,
  searchContactsLists,
  contactSuggestions,
  account,
  countries,
} as const;

export type Endpoints = typeof endpoints;
export type OperationId = keyof Endpoints;
