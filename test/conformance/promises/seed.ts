import { from } from '../promise.ts';

/** The actions an agent will have, each proven on the wire call it stands for. */
export const seed = from('Actions of the toolkit: lists, contacts, campaigns and inbound messages', {
  'seed:CREATE_LISTS': 'POST /lists',
  'seed:GET_LISTS': 'GET /lists, with page and limit',
  'seed:DELETE_LISTS': 'DELETE /lists/{list_id}',
  'seed:CREATE_LISTS_CONTACTS': 'POST /lists/{list_id}/contacts, with every field',
  'seed:GET_LISTS_CONTACTS': 'GET /lists/{list_id}/contacts, with page, limit and updated_after',
  'seed:UPDATE_LISTS_CONTACTS': 'PUT /lists/{list_id}/contacts/{contact_id}, partial',
  'seed:DELETE_LISTS_CONTACTS': 'DELETE /lists/{list_id}/contacts/{contact_id}',
  'seed:GET_LISTS_IMPORT': 'POST /lists/{list_id}/import',
  'seed:GET_LISTS_EXPORT': 'GET /lists/{list_id}/export, whose filename ends in .csv',
  'seed:CREATE_SMS_CAMPAIGNS_SEND': 'POST /sms-campaigns/send',
  'seed:CALCULATE_SMS_CAMPAIGNS_PRICE': 'POST /sms-campaigns/price',
  'seed:UPDATE_SMS_CAMPAIGNS': 'PUT /sms-campaigns/{sms_campaign_id}; without schedule it is sent now',
  'seed:SMS_CAMPAIGNS_CANCEL': 'PUT /sms-campaigns/{sms_campaign_id}/cancel',
  'seed:CREATE_AUTOMATIONS_SMS_INBOUND': 'POST /automations/sms/inbound, with every action and webhook_type',
  'seed:GET_SMS_INBOUND': 'GET /sms/inbound, with q, order_by, page and limit',
  'seed:GET_SMS_RECEIPTS': 'GET /sms/receipts, with page and limit',
  'seed:SMS_RECEIPTS_BY_MESSAGE_ID_GET': 'GET /sms/receipts/{message_id}, with the cost of the message',
  'seed:GET_SMS_CAMPAIGNS3': 'GET /sms-campaigns, with q, page and limit',
} as const);
