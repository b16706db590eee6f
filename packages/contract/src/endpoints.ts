import { account } from './endpoints/account.ts';
import {
  actionCatalogue,
  agentCreate,
  agentDelete,
  agentKeyRevoke,
  agentKeyRotate,
  agentKeys,
  agentShow,
  agents,
  agentUpdate,
} from './endpoints/agents.ts';
import { auditLog } from './endpoints/audit.ts';
import {
  smsCampaignLinkExport,
  smsCampaignLinkStatistics,
  smsCampaignLinkTracking,
} from './endpoints/campaign-links.ts';
import {
  connectionCheck,
  connectionCreate,
  connectionDelete,
  connectionLink,
  connectionShow,
  connections,
  connectionUpdate,
} from './endpoints/connections.ts';
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
import { eventsPage } from './endpoints/events.ts';
import { executionShow, executions, smsOrigin } from './endpoints/executions.ts';
import {
  inboundRule,
  inboundRuleCreate,
  inboundRuleDelete,
  inboundRules,
  inboundRuleUpdate,
} from './endpoints/inbound-rules.ts';
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
  receiptRule,
  receiptRuleCreate,
  receiptRuleDelete,
  receiptRules,
  receiptRuleUpdate,
} from './endpoints/receipt-rules.ts';
import { inboundRuleActions } from './endpoints/rule-actions.ts';
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
import {
  smsInbound,
  smsInboundRead,
  smsInboundReadOne,
  smsInboundReply,
  smsInboundTest,
} from './endpoints/sms-inbound.ts';
import { smsPreview } from './endpoints/sms-preview.ts';
import { smsReceipt, smsReceipts, smsReceiptsRead, smsReceiptTest } from './endpoints/sms-receipts.ts';
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
import {
  webhookDeliveries,
  webhookDeliveryShow,
  webhookDisable,
  webhookEnable,
  webhookEndpointCreate,
  webhookEndpointShow,
  webhookEndpoints,
  webhookKeyRotate,
  webhookKeyShow,
  webhookReplay,
  webhookReplayDead,
} from './endpoints/webhooks.ts';

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
  smsReceiptTest,
  smsInbound,
  smsInboundTest,
  smsInboundReply,
  smsInboundRead,
  smsInboundReadOne,
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
  inboundRules,
  inboundRuleCreate,
  inboundRule,
  inboundRuleUpdate,
  inboundRuleDelete,
  inboundRuleActions,
  receiptRules,
  receiptRuleCreate,
  receiptRule,
  receiptRuleUpdate,
  receiptRuleDelete,
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
  eventsPage,
  webhookEndpoints,
  webhookEndpointCreate,
  webhookEndpointShow,
  webhookKeyShow,
  webhookKeyRotate,
  webhookEnable,
  webhookDisable,
  webhookDeliveries,
  webhookDeliveryShow,
  webhookReplay,
  webhookReplayDead,
  agents,
  agentCreate,
  agentShow,
  agentUpdate,
  agentDelete,
  agentKeys,
  agentKeyRotate,
  agentKeyRevoke,
  actionCatalogue,
  executions,
  executionShow,
  smsOrigin,
  connections,
  connectionCreate,
  connectionShow,
  connectionUpdate,
  connectionCheck,
  connectionLink,
  connectionDelete,
  auditLog,
  account,
  countries,
} as const;

export type Endpoints = typeof endpoints;
export type OperationId = keyof Endpoints;
