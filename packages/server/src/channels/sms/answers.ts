import type { MessageStatus } from '@veredus/contract/codes';
import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Account } from '../../accounts/caller.ts';
import type { Draft } from '../../messages/accept.ts';
import { showMessageId } from '../../messages/ids.ts';
import type { NewMessage } from '../../messages/message.ts';
import { currencyOf } from '../../pricing/currencies.ts';
import { toDecimal4, toNumber } from '../../pricing/money.ts';

/** Refusals that ClickSend counts as blocked: the message is sound, its way is closed. */
const BLOCKED = new Set(['COUNTRY_NOT_ENABLED', 'REGISTRATION_NEEDED', 'INVALID_SENDER_ID']);

const statusOf = (item: { refusal: string | null }) => (item.refusal ?? 'SUCCESS') as MessageStatus;

/** ClickSend's totals: only what was accepted is priced and queued. */
function totalsOf(items: readonly { refusal: string | null; priceMicro: number }[]) {
  let price = 0;
  let queued = 0;
  let blocked = 0;
  for (const item of items) {
    if (item.refusal === null) {
      price += item.priceMicro;
      queued += 1;
    } else if (BLOCKED.has(item.refusal)) {
      blocked += 1;
    }
  }
  return { total_price: toNumber(price), total_count: items.length, queued_count: queued, blocked_count: blocked };
}

/** The answer to a send, made only from what is frozen in the rows: a replay says the same. */
export function sendAnswer(rows: readonly NewMessage[], account: Account): Data<Endpoints['smsSend']> {
  return {
    ...totalsOf(rows),
    messages: rows.map((row) => {
      const date = Math.floor(row.createdAt / 1000);
      return {
        direction: 'out' as const,
        date,
        to: row.recipient,
        body: row.body,
        from: row.sender,
        schedule: row.scheduleAt === null ? date : Math.floor(row.scheduleAt / 1000),
        message_id: showMessageId(row.id),
        message_parts: row.parts,
        message_price: toDecimal4(row.priceMicro),
        from_email: row.fromEmail,
        list_id: row.listId === null ? null : String(row.listId),
        custom_string: row.customString,
        contact_id: row.contactId,
        user_id: row.accountId,
        subaccount_id: row.userId,
        is_shared_system_number: row.sharedSender,
        country: row.country,
        carrier: '',
        status: statusOf(row),
      };
    }),
    _currency: currencyOf(account.currency),
  };
}

/** The answer to a price call. Its ids name nothing: no message was made. */
export function priceAnswer(
  drafts: readonly Draft[],
  account: Account,
  newId: () => string,
): Data<Endpoints['smsPrice']> {
  const priced = drafts.map((draft) => (draft.refusal === null ? draft : { ...draft, priceMicro: 0 }));
  return {
    ...totalsOf(priced),
    messages: priced.map((draft) => ({
      date: '',
      to: draft.recipient,
      body: draft.body,
      from: draft.sender,
      schedule: draft.scheduleAt === null ? '' : String(Math.floor(draft.scheduleAt / 1000)),
      message_id: showMessageId(newId()),
      message_parts: draft.parts,
      message_price: toDecimal4(draft.priceMicro),
      custom_string: draft.customString,
      contact_id: draft.contactId,
      is_shared_system_number: draft.sharedSender,
      country: draft.country,
      status: statusOf(draft),
    })),
    _currency: currencyOf(account.currency),
  };
}
