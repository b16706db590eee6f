import type { ActionResult } from '@veredus/tools/action';

/** What an execution did on this server, for its log. */
export interface Effects {
  /** In millionths of the currency; null = the action costs nothing or does not say. */
  costMicro: number | null;
  /** ISO 4217, as the answer names it; null = it names none. */
  costCurrency: string | null;
  messageIds: string[];
  campaignId: number | null;
}

const NONE: Effects = { costMicro: null, costCurrency: null, messageIds: [], campaignId: null };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the cost and what was made out of an answer's envelope. An answer of any other shape has none. */
export function effectsOf({ data: envelope }: ActionResult): Effects {
  const data = fieldsOf(fieldsOf(envelope).data);
  const messages = Array.isArray(data.messages) ? data.messages.map(fieldsOf) : [];
  const campaignId = Number(data.sms_campaign_id ?? 0);
  const cost = Number(data.total_price ?? data._price_quoted ?? Number.NaN);
  const currency = String(fieldsOf(data._currency).currency_name_short ?? '');
  const micro = Math.round(cost * 1_000_000);
  return {
    ...NONE,
    costMicro: Number.isSafeInteger(micro) ? micro : null,
    costCurrency: /^[A-Z]{3}$/.test(currency) ? currency : null,
    messageIds: messages.map(({ message_id }) => String(message_id)).filter((id) => UUID.test(id)),
    campaignId: Number.isInteger(campaignId) && campaignId > 0 && campaignId < 2 ** 31 ? campaignId : null,
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
