import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { actions } from '../catalogue.ts';
import { searchActions } from './search-actions.ts';

test.each([
  ['send a text', 'CLICKSEND_CREATE_SMS_SEND'],
  ['text message', 'CLICKSEND_CREATE_SMS_SEND'],
  ['texting', 'CLICKSEND_CREATE_SMS_SEND'],
  ['sms', 'CLICKSEND_CREATE_SMS_SEND'],
  ['SMS messages', 'CLICKSEND_CREATE_SMS_SEND'],
  ['send an SMS message', 'CLICKSEND_CREATE_SMS_SEND'],
  ['send', 'CLICKSEND_CREATE_SMS_SEND'],
  ['sms price', 'CLICKSEND_SMS_PRICE_POST'],
  ['send mms', 'CLICKSEND_CREATE_MMS_SEND'],
  ['post a letter', 'CLICKSEND_CREATE_POST_LETTERS_SEND'],
  ['sms history', 'CLICKSEND_GET_SMS_HISTORY'],
  ['replies', 'CLICKSEND_GET_SMS_INBOUND'],
  ['balance', 'CLICKSEND_GET_ACCOUNT'],
  ['campaign', 'CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND'],
])(verifies('mcp:compact', 'a search for "%s" finds %s first'), (query, slug) => {
  expect(searchActions(actions, query)[0]?.slug).toBe(slug);
});

test('what fits alike is in the order of its use, and what not every platform does comes last', () => {
  const found = searchActions(actions, 'send a text').map(({ slug }) => slug);
  expect(found.indexOf('CLICKSEND_CREATE_MMS_SEND')).toBeGreaterThan(
    found.indexOf('CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND'),
  );
  expect(searchActions(actions, 'the')).toBe(actions);
});
