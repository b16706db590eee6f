import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount } from '../db/db.ts';
import { pushTest, type TestPushParts } from '../webhooks/push-test.ts';
import { inboundFields, legacyTwins, showInbound } from './show-inbound.ts';
import { insertTestText } from './store-list.ts';
import type { InboundText } from './store-texts.ts';

/** Numbers that ClickSend's v3 keeps for tests: nothing is ever sent to them. */
const HANDSET = '+61411111111';
const NUMBER = '+61422222222';

/**
 * A made-up message from a handset, answered as it is pushed; with "poll" it stands in the list until it is marked as read. No
 * rule is asked about it.
 *
 * @throws Refusal bad-request for a URL that may not be pushed to.
 */
export async function testInbound(
  parts: TestPushParts,
  caller: Caller,
  { url, webhook_type: method }: Body<Endpoints['smsInboundTest']>,
  depth: number,
): Promise<Answer<Endpoints['smsInboundTest']>> {
  const text = madeUp(parts, caller, depth);
  if (url.trim().toLowerCase() === 'poll') {
    await asAccount(parts.db, caller.accountId, (tx) => insertTestText(tx, text));
    return { data: shown(text), words: 'The test message stands in GET /v3/sms/inbound until it is marked as read.' };
  }
  const answering = { ...text, answers_id: parts.newId(), original_body: 'What it answers.', custom_string: 'test' };
  const fields = inboundFields(answering);
  const push = { url: url.trim(), method: method ?? 'post', depth };
  await pushTest(parts, caller, { ...push, fields: push.method === 'json' ? fields : legacyTwins(fields) });
  return { data: shown(answering), words: 'The test message is on its way to the URL.' };
}

const shown = (text: InboundText) => {
  const row = showInbound(text);
  return { ...row, timestamp_send: row.timestamp };
};

const madeUp = ({ clock, newId }: TestPushParts, caller: Caller, depth: number): InboundText => ({
  id: newId(),
  account_id: caller.accountId,
  received_at: clock.now(),
  sender: HANDSET,
  recipient: NUMBER,
  body: 'This is a test.',
  answers_id: null,
  keyword: null,
  whole: true,
  test: true,
  depth,
  polled: true,
  read_at: null,
  original_body: null,
  custom_string: '',
  user_id: caller.userId,
});
