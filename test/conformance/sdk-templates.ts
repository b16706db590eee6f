import { createRequire } from 'node:module';
import type { Data } from '@veredus/contract/endpoint';
import { type Endpoints, endpoints, type OperationId } from '@veredus/contract/endpoints';
import { envelope } from '@veredus/contract/envelope';

/** The template calls of ClickSend's Node SDK, unmodified but for its host; see clicksend-node.ts. */

type Call<Given extends unknown[]> = (...given: Given) => Promise<{ response: { statusCode: number }; body: unknown }>;

interface Sdk {
  SmsTemplate: new () => object;
  SMSApi: new (
    username: string,
    key: string,
    host: string,
  ) => {
    smsTemplatesGet: Call<[page?: number, limit?: number]>;
    smsTemplatesPost: Call<[object]>;
    smsTemplatesByTemplateIdPut: Call<[number, object]>;
    smsTemplatesByTemplateIdDelete: Call<[number]>;
  };
}

export interface SdkTemplate {
  templateName: string;
  body: string;
}

/**
 * @throws {z.ZodError} from a call whose 200 is not what the contract says; a refused call throws as the SDK does, with
 *   `response` and `body`.
 */
export function sdkTemplates({ baseUrl, username, key }: { baseUrl: string; username: string; key: string }) {
  const sdk = createRequire(new URL('../clients/package.json', import.meta.url))('clicksend') as Sdk;
  const sms = new sdk.SMSApi(username, key, `${baseUrl}/v3`);
  const model = (template: SdkTemplate) => Object.assign(new sdk.SmsTemplate(), template);
  return {
    list: async (page?: number, limit?: number) =>
      dataOf('smsTemplates', (await sms.smsTemplatesGet(page, limit)).body),
    create: async (template: SdkTemplate) =>
      dataOf('smsTemplateCreate', (await sms.smsTemplatesPost(model(template))).body),
    update: async (id: number, template: SdkTemplate) =>
      dataOf('smsTemplateUpdate', (await sms.smsTemplatesByTemplateIdPut(id, model(template))).body),
    remove: async (id: number) => dataOf('smsTemplateDelete', (await sms.smsTemplatesByTemplateIdDelete(id)).body),
  };
}

function dataOf<K extends OperationId>(id: K, body: unknown): Data<Endpoints[K]> {
  return envelope(endpoints[id].data).parse(body).data as Data<Endpoints[K]>;
}
