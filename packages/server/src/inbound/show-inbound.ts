import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { showMessageId } from '../messages/ids.ts';
import type { InboundText } from './store-texts.ts';

type Fields = Record<string, string | number | null>;

/** A row of the list. */
export function showInbound(text: InboundText): Data<Endpoints['smsInboundReply']> {
  return {
    timestamp: seconds(text.received_at),
    from: text.sender,
    to: text.recipient,
    body: text.body,
    original_body: text.original_body,
    original_message_id: text.answers_id === null ? null : showMessageId(text.answers_id),
    message_id: showMessageId(text.id),
    custom_string: text.custom_string,
    _keyword: /\S+/.exec(text.body)?.[0].toLowerCase() ?? '',
  };
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** What a webhook tells of a text from a handset: the fields of ClickSend's v3, as the json variant names them. */
export function inboundFields(text: InboundText): Fields {
  return {
    originalsenderid: text.recipient,
    body: text.body,
    message: text.body,
    sms: text.sender,
    from: text.sender,
    to: text.recipient,
    timestamp: seconds(text.received_at),
    message_id: showMessageId(text.id),
    original_message_id: text.answers_id === null ? null : showMessageId(text.answers_id),
    original_body: text.original_body,
    user_id: text.account_id,
    subaccount_id: text.user_id,
    custom_string: text.custom_string,
  };
}

/** The same for the form and query variants, which also hold three of them under their older names. */
export function legacyTwins(fields: Fields): Fields {
  return {
    ...fields,
    originalmessage: fields.original_body ?? null,
    originalmessageid: fields.original_message_id ?? null,
    customstring: fields.custom_string ?? null,
  };
}
