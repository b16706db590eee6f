import type { Client } from '@veredus/contract/client';
import type { OperationId } from '@veredus/contract/endpoints';
import { eventually } from '../rig/server.ts';

const seconds = () => Math.floor(Date.now() / 1000);
const inAnHour = () => seconds() + 3_600;

/**
 * Makes every call of the wire once, each for something that is there; the answers by operation.
 *
 * @param answer writes from a handset to one of our numbers.
 * @param act runs an action with an agent's key.
 */
export async function makeEveryCall(
  client: Client,
  answer: (text: { from: string; to: string; body: string }) => void,
  act: (key: string, slug: string, args: object) => Promise<{ logId: string | null; data: unknown }>,
): Promise<{ [K in OperationId]: unknown }> {
  return {
    ...(await aboutMessages(client)),
    ...(await aboutLists(client)),
    ...(await aboutImports(client)),
    ...(await aboutTemplates(client)),
    ...(await aboutCampaigns(client)),
    ...(await aboutOptOuts(client)),
    ...(await aboutInbound(client, answer)),
    ...(await aboutRules(client)),
    ...(await aboutWebhooks(client)),
    ...(await aboutAgents(client, act)),
    ...(await aboutConnections(client)),
    eventsPage: await client.eventsPage(),
    account: await client.account(),
    countries: await client.countries(),
  };
}

async function aboutMessages(client: Client) {
  const text = { to: '+61400009001', body: 'every call', custom_string: 'typed' };
  const smsSend = await client.smsSend({ messages: [text, { ...text, body: 'later', schedule: inAnHour() }] });
  const [first, second] = smsSend.messages.map(({ message_id }) => message_id) as [string, string];
  return {
    smsSend,
    smsReceipt: await eventually(() => client.smsReceipt({ message_id: first }).catch(() => null)),
    smsPrice: await client.smsPrice({ messages: [text] }),
    smsHistory: await client.smsHistory({ q: 'custom_string:typed' }),
    smsHistoryExport: await client.smsHistoryExport({ filename: 'all.csv' }),
    smsReceipts: await client.smsReceipts(),
    smsReceiptsRead: await client.smsReceiptsRead(),
    smsCancel: await client.smsCancel({ message_id: second }),
    smsCancelAll: await client.smsCancelAll(),
    smsStatistics: await client.smsStatistics(),
  };
}

async function aboutLists(client: Client) {
  const listCreate = await client.listCreate({ list_name: 'First' });
  const { list_id } = listCreate;
  const { list_id: to_list_id } = await client.listCreate({ list_name: 'Second' });
  const contactCreate = await client.contactCreate({ list_id, phone_number: '+61400009002', first_name: 'Ana' });
  const { contact_id } = contactCreate;
  const one = { list_id, contact_id };
  const contactCopy = await client.contactCopy({ ...one, to_list_id });
  const contactTransfer = await client.contactTransfer({ ...one, to_list_id });
  const back = { list_id: to_list_id, contact_id: contactTransfer.contact_id, to_list_id: list_id };
  const contactTransferOld = await client.contactTransferOld(back);
  const answers = {
    listCreate,
    contactCreate,
    contactCopy,
    contactTransfer,
    contactTransferOld,
    lists: await client.lists(),
    listById: await client.listById({ list_id }),
    listUpdate: await client.listUpdate({ list_id, list_name: 'Renamed' }),
    listExport: await client.listExport({ list_id, filename: 'list.csv' }),
    listRemoveDuplicates: await client.listRemoveDuplicates({ list_id, fields: ['phone_number'] }),
    listRemoveOptedOut: await client.listRemoveOptedOut({ list_id, opt_out_list_id: to_list_id }),
    contacts: await client.contacts({ list_id: to_list_id }),
    searchContactsLists: await client.searchContactsLists({ q: 'Ana' }),
    contactSuggestions: await client.contactSuggestions(),
  };
  const fresh = await client.contactCreate({ list_id, phone_number: '+61400009003' });
  const last = { list_id, contact_id: fresh.contact_id };
  return {
    ...answers,
    contactById: await client.contactById(last),
    contactUpdate: await client.contactUpdate({ ...last, custom_1: 'rye' }),
    contactDelete: await client.contactDelete(last),
    listDelete: await client.listDelete({ list_id }),
  };
}

async function aboutImports(client: Client) {
  const { list_id } = await client.listCreate({ list_name: 'Imported' });
  const content = Buffer.from('+61400009004,Mei\nnobody,Kim\n').toString('base64');
  const upload = await client.upload({ content, convert: 'csv' });
  const file_url = upload._url;
  const listImport = await client.listImport({ list_id, file_url, field_order: ['phone', 'first_name'] });
  const one = { list_id, import_id: listImport.id };
  const listImportById = await eventually(async () => {
    const found = await client.listImportById(one);
    return found.state === 'done' && found;
  });
  const other = await client.listImport({ list_id, file_url, field_order: ['phone'] });
  return {
    upload,
    listImport,
    listImportById,
    // Whether it is still under way when it is told to stop is chance: both are right.
    listImportCancel: await client
      .listImportCancel({ list_id, import_id: other.id })
      .catch(() => client.listImportById({ list_id, import_id: other.id })),
    listImportFields: await client.listImportFields({ list_id }),
    listImportCsvPreview: await client.listImportCsvPreview({ list_id, file_url }),
    listImportPreview: await client.listImportPreview({ list_id, file_url }),
    listImports: await client.listImports({ list_id }),
    listImportErrors: await client.listImportErrors(one),
    listImportUndo: await client.listImportUndo(one),
  };
}

async function aboutTemplates(client: Client) {
  const smsTemplateCreate = await client.smsTemplateCreate({ template_name: 'Pick-up', body: 'Hi (First Name)' });
  const { template_id } = smsTemplateCreate;
  return {
    smsTemplateCreate,
    smsTemplates: await client.smsTemplates(),
    smsTemplate: await client.smsTemplate({ template_id }),
    smsTemplateUpdate: await client.smsTemplateUpdate({ template_id, body: 'Hello (First Name)' }),
    smsPreview: await client.smsPreview({ body: 'Hello (First Name|there)' }),
    smsTemplateDelete: await client.smsTemplateDelete({ template_id }),
  };
}

async function aboutCampaigns(client: Client) {
  const { list_id } = await client.listCreate({ list_name: 'Campaign' });
  await client.contactCreate({ list_id, phone_number: '+61400009005', first_name: 'Ana' });
  const campaign = { list_id, name: 'Rye', body: 'Hi (First Name). StopMsg.me/xxxxx' };
  const smsCampaignSend = await client.smsCampaignSend(campaign);
  const { sms_campaign_id } = smsCampaignSend;
  const later = await client.smsCampaignSend({ ...campaign, schedule: inAnHour() });
  const other = { sms_campaign_id: later.sms_campaign_id };
  return {
    smsCampaignSend,
    smsCampaignPrice: await client.smsCampaignPrice(campaign),
    smsCampaigns: await client.smsCampaigns(),
    smsCampaignShow: await client.smsCampaignShow({ sms_campaign_id }),
    smsCampaignRecipients: await client.smsCampaignRecipients({ sms_campaign_id }),
    smsCampaignLinkStatistics: await client.smsCampaignLinkStatistics({ sms_campaign_id }),
    smsCampaignLinkTracking: await client.smsCampaignLinkTracking({ sms_campaign_id }),
    smsCampaignLinkExport: await client.smsCampaignLinkExport({ sms_campaign_id, filename: 'links.csv' }),
    smsCampaignUpdate: await client.smsCampaignUpdate({ ...campaign, ...other, schedule: inAnHour() }),
    smsCampaignPause: await client.smsCampaignPause(other),
    smsCampaignResume: await client.smsCampaignResume(other),
    smsCampaignCancel: await client.smsCampaignCancel(other),
  };
}

async function aboutOptOuts(client: Client) {
  const phone_number = '+61400009006';
  return {
    optOutRecord: await client.optOutRecord({ phone_number, words: 'Asked by telephone.' }),
    optOuts: await client.optOuts(),
    optOutHistory: await client.optOutHistory({ phone_number }),
    optOutConfirm: await client.optOutConfirm({ phone_number, words: 'Read it.' }),
    optOutLift: await client.optOutLift({ phone_number, words: 'Asked to come back.' }),
  };
}

async function aboutInbound(client: Client, answer: Parameters<typeof makeEveryCall>[1]) {
  const [from, to] = ['+61400009010', '+61400009007'];
  const { messages } = await client.smsSend({ messages: [{ from, to, body: 'Answer, please.' }] });
  const original_message_id = messages[0]!.message_id;
  await eventually(() => client.smsReceipt({ message_id: original_message_id }).catch(() => null));
  answer({ from: to, to: from, body: 'Here it is.' });
  const smsInboundReply = await eventually(() => client.smsInboundReply({ original_message_id }).catch(() => null));
  return {
    smsInboundReply,
    smsInbound: await client.smsInbound({ q: `from:${to}` }),
    smsInboundTest: await client.smsInboundTest({ url: 'poll' }),
    smsInboundReadOne: await client.smsInboundReadOne({ message_id: smsInboundReply.message_id }),
    smsInboundRead: await client.smsInboundRead(),
    smsReceiptTest: await client.smsReceiptTest({ url: 'poll' }),
  };
}

async function aboutRules(client: Client) {
  const about = { rule_name: 'Kept', action: 'POLL', enabled: 0 } as const;
  const inboundRuleCreate = await client.inboundRuleCreate({ ...about, dedicated_number: '*', message_search_type: 0 });
  const { inbound_rule_id } = inboundRuleCreate;
  const receiptRuleCreate = await client.receiptRuleCreate({ ...about, match_type: 0 });
  const { receipt_rule_id } = receiptRuleCreate;
  return {
    inboundRuleCreate,
    inboundRules: await client.inboundRules({ q: 'rule_name:kept' }),
    inboundRule: await client.inboundRule({ inbound_rule_id }),
    inboundRuleUpdate: await client.inboundRuleUpdate({ inbound_rule_id, rule_name: 'Renamed' }),
    inboundRuleActions: await client.inboundRuleActions({ inbound_rule_id }),
    inboundRuleDelete: await client.inboundRuleDelete({ inbound_rule_id }),
    receiptRuleCreate,
    receiptRules: await client.receiptRules({ q: 'rule_name:kept' }),
    receiptRule: await client.receiptRule({ receipt_rule_id }),
    receiptRuleUpdate: await client.receiptRuleUpdate({ receipt_rule_id, rule_name: 'Renamed' }),
    receiptRuleDelete: await client.receiptRuleDelete({ receipt_rule_id }),
  };
}

async function aboutWebhooks(client: Client) {
  // A host of this machine that may not be pushed to: the attempt is logged, and nothing leaves.
  const url = 'http://localhost/hook';
  const webhookEndpointCreate = await client.webhookEndpointCreate({ url });
  const { endpoint_id } = webhookEndpointCreate;
  const webhookKeyRotate = await client.webhookKeyRotate({ endpoint_id });
  await client.smsInboundTest({ url, webhook_type: 'json' });
  const webhookDeliveries = await eventually(async () => {
    const page = await client.webhookDeliveries({ endpoint_id });
    return page.data[0]?.fault ? page : null;
  });
  const { delivery_id } = webhookDeliveries.data[0]!;
  return {
    webhookEndpointCreate,
    webhookKeyRotate,
    webhookDeliveries,
    webhookEndpoints: await client.webhookEndpoints(),
    webhookEndpointShow: await client.webhookEndpointShow({ endpoint_id }),
    webhookKeyShow: await client.webhookKeyShow({ endpoint_id }),
    webhookDeliveryShow: await client.webhookDeliveryShow({ delivery_id }),
    webhookReplay: await client.webhookReplay({ delivery_id }),
    webhookReplayDead: await client.webhookReplayDead({ endpoint_id }),
    webhookDisable: await client.webhookDisable({ endpoint_id }),
    webhookEnable: await client.webhookEnable({ endpoint_id }),
  };
}

async function aboutConnections(client: Client) {
  const connectionCreate = await client.connectionCreate({
    user_id: 'every call',
    callback_url: 'https://app.example/',
  });
  const { connection_id } = connectionCreate.connection;
  return {
    connectionCreate,
    connections: await client.connections({ user_id: 'every call' }),
    connectionShow: await client.connectionShow({ connection_id }),
    connectionUpdate: await client.connectionUpdate({ connection_id, alias: 'Every call' }),
    connectionCheck: await client.connectionCheck({ connection_id }),
    connectionLink: await client.connectionLink({ connection_id, state: 'again' }),
    connectionDelete: await client.connectionDelete({ connection_id }),
  };
}

async function aboutAgents(client: Client, act: Parameters<typeof makeEveryCall>[2]) {
  const agentCreate = await client.agentCreate({ name: 'Every call', allowed_actions: ['CLICKSEND_CREATE_SMS_SEND'] });
  const { agent_id } = agentCreate;
  const messages = [{ to: '+61400009009', body: 'from an agent' }];
  const { logId, data } = await act(agentCreate.key, 'CLICKSEND_CREATE_SMS_SEND', { messages });
  const [message] = (data as { data: { messages: { message_id: string }[] } }).data.messages;
  const agentKeyRotate = await client.agentKeyRotate({ agent_id, overlap_minutes: 5 });
  return {
    agentCreate,
    agents: await client.agents(),
    agentShow: await client.agentShow({ agent_id }),
    agentKeyRotate,
    agentKeys: await client.agentKeys({ agent_id }),
    agentKeyRevoke: await client.agentKeyRevoke({ agent_id, key_id: agentKeyRotate.key_id }),
    agentUpdate: await client.agentUpdate({ agent_id, enabled: false }),
    agentDelete: await client.agentDelete({ agent_id }),
    actionCatalogue: await client.actionCatalogue(),
    executions: await client.executions({ q: `agent_id:${agent_id}` }),
    executionShow: await client.executionShow({ log_id: logId! }),
    smsOrigin: await client.smsOrigin({ message_id: message!.message_id }),
    auditLog: await client.auditLog({ q: 'action:agent' }),
  };
}
