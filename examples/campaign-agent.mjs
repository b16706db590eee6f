// An agent's work without any SDK, over the broker's plain REST: a list, three contacts, a price, a campaign that is
// scheduled and cancelled again. Nobody is written to.
import { check, step } from './check.mjs';
import { readSettings } from './settings.mjs';

const { url, brokerKey, username, apiKey } = await readSettings();
const userId = `campaign-agent-${process.pid}`;

async function ask(method, path, body) {
  const response = await fetch(`${url}/api/v3.1${path}`, {
    method,
    headers: { 'x-api-key': brokerKey, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Runs an action, which has to succeed; answers the `data` of ClickSend's envelope. */
async function act(slug, args) {
  const result = await ask('POST', `/tools/execute/${slug}`, { user_id: userId, arguments: args });
  check(slug, result.successful && result.error === null, result);
  return result.data.data;
}

async function campaign() {
  step('A list with three contacts');
  const { list_id } = await act('CLICKSEND_CREATE_LISTS', { list_name: `Rye lovers ${process.pid}` });
  try {
    const people = [
      { phone_number: '+61411111111', first_name: 'Ana' },
      { phone_number: '+61422222222', first_name: 'Ben' },
      { phone_number: '+61433333333', first_name: 'Cleo' },
    ];
    for (const person of people) await act('CLICKSEND_CREATE_LISTS_CONTACTS', { list_id, ...person });
    const contacts = await act('CLICKSEND_GET_LISTS_CONTACTS', { list_id });
    check('all three are on it', contacts.total === 3, contacts.total);

    const wanted = {
      list_id,
      name: `Rye is back ${process.pid}`,
      body: 'Hi (First Name), rye bread is back. Reply STOP to opt out',
      schedule: Math.floor(Date.now() / 1000) + 24 * 3600,
    };
    step('What it would cost');
    const price = await act('CLICKSEND_CALCULATE_SMS_CAMPAIGNS_PRICE', wanted);
    check('three recipients are priced', price.total_count === 3 && Number(price.total_price) > 0, price);
    check('the text is as the first of them would read it', price.data.body.startsWith('Hi Ana,'), price.data.body);
    console.log(`  ${price.total_price} ${price._currency.currency_name_short}`);

    step('Scheduled for tomorrow, and the same call once more');
    const order = { ...wanted, idempotency_key: `rye-${process.pid}` };
    const { sms_campaign_id } = await act('CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND', order);
    const again = await act('CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND', order);
    check('it is one campaign', again.sms_campaign_id === sms_campaign_id, again.sms_campaign_id);
    const q = `sms_campaign_id:${sms_campaign_id}`;
    const { data: rows } = await act('CLICKSEND_GET_SMS_CAMPAIGNS3', { q });
    const scheduled = rows.find((row) => row.sms_campaign_id === sms_campaign_id);
    check('it is scheduled', scheduled?.status === 'Scheduled', scheduled);

    step('Cancelled again');
    const cancelled = await act('CLICKSEND_SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT', { sms_campaign_id });
    check('it is cancelled', cancelled.status === 'Cancelled', cancelled);
  } finally {
    step('Tidying up');
    await act('CLICKSEND_DELETE_LISTS', { list_id });
  }
}

step(`Connecting user ${userId} at ${url}`);
const { auth_config } = await ask('POST', '/auth_configs', {
  toolkit: { slug: 'clicksend' },
  auth_config: { type: 'use_custom_auth', authScheme: 'BASIC', name: 'Campaign agent', credentials: {} },
});
try {
  const connection = await ask('POST', '/connected_accounts', {
    auth_config: { id: auth_config.id },
    connection: {
      user_id: userId,
      state: { authScheme: 'BASIC', val: { status: 'ACTIVE', username, password: apiKey } },
    },
  });
  try {
    check('the connection is active', connection.connectionData.val.status === 'ACTIVE', connection.status);
    await campaign();
  } finally {
    await ask('DELETE', `/connected_accounts/${connection.id}`);
  }
} finally {
  await ask('DELETE', `/auth_configs/${auth_config.id}`);
}
console.log('\nDone.');
