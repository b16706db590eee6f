import { createRequire } from 'node:module';
import type { Data } from '@veredus/contract/endpoint';
import { type Endpoints, endpoints, type OperationId } from '@veredus/contract/endpoints';
import { envelope } from '@veredus/contract/envelope';

/** The calls about inbound messages, test pushes and rules of ClickSend's Node SDK, unmodified but for its host; see clicksend-node.ts. */

interface SdkAnswer {
  response: { statusCode: number };
  body: unknown;
}
type Call<Given extends unknown[]> = (...given: Given) => Promise<SdkAnswer>;
type Api<Methods> = new (username: string, key: string, host: string) => Methods;
type Model = new () => object;

interface Sdk {
  Url: Model;
  DateBefore: Model;
  InboundSMSRule: Model;
  DeliveryReceiptRule: Model;
  SMSApi: Api<{
    smsInboundGet: Call<[q?: string, page?: number, limit?: number]>;
    smsInboundPost: Call<[object]>;
    smsInboundReadPut: Call<[object?]>;
    smsInboundReadByMessageIdPut: Call<[string]>;
    smsReceiptsGet: Call<[page?: number, limit?: number]>;
    smsReceiptsByMessageIdGet: Call<[string]>;
    smsReceiptsPost: Call<[object]>;
    smsReceiptsReadPut: Call<[object?]>;
  }>;
  InboundSMSRulesApi: Api<{
    smsInboundAutomationsGet: Call<[q?: string, page?: number, limit?: number]>;
    smsInboundAutomationGet: Call<[number]>;
    smsInboundAutomationPost: Call<[object]>;
    smsInboundAutomationPut: Call<[number, object]>;
    smsInboundAutomationDelete: Call<[number]>;
  }>;
  SMSDeliveryReceiptRulesApi: Api<{
    smsDeliveryReceiptAutomationsGet: Call<[q?: string, page?: number, limit?: number]>;
    smsDeliveryReceiptAutomationGet: Call<[number]>;
    smsDeliveryReceiptAutomationPost: Call<[object]>;
    smsDeliveryReceiptAutomationPut: Call<[number, object]>;
    smsDeliveryReceiptAutomationDelete: Call<[number]>;
  }>;
}

/** As the SDK's own model has it; keys it does not know it drops. */
export interface SdkInboundRule {
  dedicatedNumber: string;
  ruleName: string;
  messageSearchType: number;
  messageSearchTerm: string;
  action: string;
  actionAddress: string;
  enabled: number;
  webhookType?: string;
}

export interface SdkReceiptRule {
  ruleName: string;
  matchType: number;
  action: string;
  actionAddress: string;
  enabled: number;
}

/**
 * @throws {z.ZodError} from a call whose 200 is not what the contract says; a refused call throws as the SDK does, with
 *   `response` and `body`.
 */
export function sdkInbound({ baseUrl, username, key }: { baseUrl: string; username: string; key: string }) {
  const sdk = createRequire(new URL('../clients/package.json', import.meta.url))('clicksend') as Sdk;
  const given = [username, key, `${baseUrl}/v3`] as const;
  const sms = new sdk.SMSApi(...given);
  const inbound = new sdk.InboundSMSRulesApi(...given);
  const receipts = new sdk.SMSDeliveryReceiptRulesApi(...given);
  const url = (text: string) => Object.assign(new sdk.Url(), { url: text });
  const before = (seconds?: number) =>
    seconds === undefined ? undefined : Object.assign(new sdk.DateBefore(), { dateBefore: seconds });
  const inboundRule = (rule: SdkInboundRule) => Object.assign(new sdk.InboundSMSRule(), rule);
  const receiptRule = (rule: SdkReceiptRule) => Object.assign(new sdk.DeliveryReceiptRule(), rule);
  return {
    list: async (q?: string, page?: number, limit?: number) =>
      dataOf('smsInbound', await sms.smsInboundGet(q, page, limit)),
    test: async (to: string) => dataOf('smsInboundTest', await sms.smsInboundPost(url(to))),
    markRead: async (seconds?: number) => dataOf('smsInboundRead', await sms.smsInboundReadPut(before(seconds))),
    markOneRead: async (id: string) => dataOf('smsInboundReadOne', await sms.smsInboundReadByMessageIdPut(id)),
    receipts: async (page?: number, limit?: number) => dataOf('smsReceipts', await sms.smsReceiptsGet(page, limit)),
    receipt: async (id: string) => dataOf('smsReceipt', await sms.smsReceiptsByMessageIdGet(id)),
    testReceipt: async (to: string) => dataOf('smsReceiptTest', await sms.smsReceiptsPost(url(to))),
    markReceiptsRead: async (seconds?: number) =>
      dataOf('smsReceiptsRead', await sms.smsReceiptsReadPut(before(seconds))),
    rules: async (q?: string, page?: number, limit?: number) =>
      dataOf('inboundRules', await inbound.smsInboundAutomationsGet(q, page, limit)),
    rule: async (id: number) => dataOf('inboundRule', await inbound.smsInboundAutomationGet(id)),
    makeRule: async (rule: SdkInboundRule) =>
      dataOf('inboundRuleCreate', await inbound.smsInboundAutomationPost(inboundRule(rule))),
    changeRule: async (id: number, rule: SdkInboundRule) =>
      dataOf('inboundRuleUpdate', await inbound.smsInboundAutomationPut(id, inboundRule(rule))),
    removeRule: async (id: number) => dataOf('inboundRuleDelete', await inbound.smsInboundAutomationDelete(id)),
    receiptRules: async (q?: string, page?: number, limit?: number) =>
      dataOf('receiptRules', await receipts.smsDeliveryReceiptAutomationsGet(q, page, limit)),
    receiptRule: async (id: number) => dataOf('receiptRule', await receipts.smsDeliveryReceiptAutomationGet(id)),
    makeReceiptRule: async (rule: SdkReceiptRule) =>
      dataOf('receiptRuleCreate', await receipts.smsDeliveryReceiptAutomationPost(receiptRule(rule))),
    changeReceiptRule: async (id: number, rule: SdkReceiptRule) =>
      dataOf('receiptRuleUpdate', await receipts.smsDeliveryReceiptAutomationPut(id, receiptRule(rule))),
    removeReceiptRule: async (id: number) =>
      dataOf('receiptRuleDelete', await receipts.smsDeliveryReceiptAutomationDelete(id)),
  };
}

function dataOf<K extends OperationId>(id: K, { body }: SdkAnswer): Data<Endpoints[K]> {
  return envelope(endpoints[id].data).parse(body).data as Data<Endpoints[K]>;
}
