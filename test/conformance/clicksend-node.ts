import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Data } from '@veredus/contract/endpoint';
import { type Endpoints, endpoints, type OperationId } from '@veredus/contract/endpoints';
import { type Envelope, envelope } from '@veredus/contract/envelope';

/**
 * ClickSend's official Node SDK (npm `clicksend`), unmodified but for its host. It is installed apart, in
 * test/clients, so its few classes that are used here are described by hand. It writes camelCase objects as snake_case,
 * and resolves or rejects with `{ response, body }` by whether the status is 2xx.
 */

const CLIENTS = new URL('../clients/package.json', import.meta.url);

export function clicksendIsInstalled(): boolean {
  return existsSync(new URL('node_modules/clicksend/package.json', CLIENTS));
}

/** A message as the SDK's own model has it; keys it does not know it drops. */
export interface SdkMessage {
  to?: string;
  body: string;
  from?: string;
  source?: string;
  schedule?: number;
  customString?: string;
  listId?: number;
  country?: string;
  fromEmail?: string;
}

interface SdkAnswer {
  response: { statusCode: number; headers: Record<string, string | string[] | undefined> };
  body: unknown;
}

type Call<Given extends unknown[]> = (...given: Given) => Promise<SdkAnswer>;
/** Without credentials, the host is the only argument. */
type Api<Methods> = new (...given: [host: string] | [username: string, key: string, host: string]) => Methods;

interface Sdk {
  SmsMessage: new () => object;
  SmsMessageCollection: new () => { messages?: object[] };
  DateBefore: new () => { dateBefore?: number };
  SMSApi: Api<{
    smsSendPost: Call<[object]>;
    smsPricePost: Call<[object]>;
    smsHistoryGet: Call<[q?: string, dateFrom?: number, dateTo?: number, page?: number, limit?: number]>;
    smsHistoryExportGet: Call<[filename: string]>;
    smsReceiptsGet: Call<[page?: number, limit?: number]>;
    smsReceiptsByMessageIdGet: Call<[messageId: string]>;
    smsReceiptsReadPut: Call<[dateBefore?: object]>;
    smsCancelByMessageIdPut: Call<[messageId: string]>;
    smsCancelAllPut: Call<[]>;
  }>;
  AccountApi: Api<{ accountGet: Call<[]> }>;
  StatisticsApi: Api<{ statisticsSmsGet: Call<[]> }>;
  CountriesApi: Api<{ countriesGet: Call<[]> }>;
}

/** A refused call keeps its envelope for the test to look at; a success has been held to the contract's types. */
export type Answer<K extends OperationId> =
  | { ok: true; status: 200; envelope: Envelope<Data<Endpoints[K]>> }
  | { ok: false; status: number; envelope: Envelope<unknown> };

export type ClicksendNode = ReturnType<typeof clicksendNode>;

/**
 * The SDK aimed at a server.
 *
 * @param baseUrl of the server, without `/v3`: the SDK carries the version in its host.
 * @throws {z.ZodError} from a call whose 200 is not what the contract says, and the SDK's own errors when nobody answers.
 */
export function clicksendNode({ baseUrl, username, key }: { baseUrl: string; username: string; key: string }) {
  const sdk = createRequire(CLIENTS)('clicksend') as Sdk;
  const host = `${baseUrl}/v3`;
  const sms = new sdk.SMSApi(username, key, host);
  const account = new sdk.AccountApi(username, key, host);
  const statistics = new sdk.StatisticsApi(username, key, host);
  const countries = new sdk.CountriesApi(host);

  const collection = (messages: SdkMessage[]) =>
    Object.assign(new sdk.SmsMessageCollection(), {
      messages: messages.map((message) => Object.assign(new sdk.SmsMessage(), message)),
    });
  const before = (seconds: number | undefined) =>
    seconds === undefined ? undefined : Object.assign(new sdk.DateBefore(), { dateBefore: seconds });

  return {
    smsSend: (messages: SdkMessage[]) => answer('smsSend', sms.smsSendPost(collection(messages))),
    smsPrice: (messages: SdkMessage[]) => answer('smsPrice', sms.smsPricePost(collection(messages))),
    smsHistory: (terms: { q?: string; dateFrom?: number; dateTo?: number; page?: number; limit?: number } = {}) =>
      answer('smsHistory', sms.smsHistoryGet(terms.q, terms.dateFrom, terms.dateTo, terms.page, terms.limit)),
    smsHistoryExport: (filename: string) => answer('smsHistoryExport', sms.smsHistoryExportGet(filename)),
    smsReceipts: (page?: number, limit?: number) => answer('smsReceipts', sms.smsReceiptsGet(page, limit)),
    smsReceipt: (messageId: string) => answer('smsReceipt', sms.smsReceiptsByMessageIdGet(messageId)),
    /** Unix seconds; left out = all. */
    smsReceiptsRead: (seconds?: number) => answer('smsReceiptsRead', sms.smsReceiptsReadPut(before(seconds))),
    smsCancel: (messageId: string) => answer('smsCancel', sms.smsCancelByMessageIdPut(messageId)),
    smsCancelAll: () => answer('smsCancelAll', sms.smsCancelAllPut()),
    account: () => answer('account', account.accountGet()),
    smsStatistics: () => answer('smsStatistics', statistics.statisticsSmsGet()),
    countries: () => answer('countries', countries.countriesGet()),
  };
}

async function answer<K extends OperationId>(id: K, call: Promise<SdkAnswer>): Promise<Answer<K>> {
  const { response, body } = await call.catch(refusal);
  if (response.statusCode !== 200) {
    return { ok: false, status: response.statusCode, envelope: body as Envelope<unknown> };
  }
  const read = envelope(endpoints[id].data).parse(body);
  return { ok: true, status: 200, envelope: read as Envelope<Data<Endpoints[K]>> };
}

/** What the SDK rejects with when there was an answer; anything else is thrown on. */
function refusal(thrown: unknown): SdkAnswer {
  if (typeof thrown === 'object' && thrown !== null && 'response' in thrown) return thrown as SdkAnswer;
  throw thrown;
}
