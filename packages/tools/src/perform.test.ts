import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifies } from '../../../test/conformance/promises.ts';
import type { Action } from './action.ts';
import { actions, findAction } from './catalogue.ts';
import { describeAction } from './describe-action.ts';
import { good } from './fixtures/arguments.ts';
import { HIDDEN, TOO_DEEP } from './mask-secrets.ts';
import { performAction } from './perform.ts';
import { readArguments } from './read-arguments.ts';
import type { Target, TargetAnswer, TargetCall } from './target.ts';

const known = (slug: string): Action => {
  const action = findAction(`CLICKSEND_${slug}`);
  if (action === null) throw new Error(`no ${slug}`);
  return action;
};

const envelope = (data: unknown) => ({ http_code: 200, response_code: 'SUCCESS', response_msg: 'Done.', data });
const answered = (status: number, body: Record<string, unknown>): TargetAnswer => ({
  kind: 'answer',
  status,
  envelope: body,
  replayed: false,
});

/** Answers always the same, and keeps what it was asked. */
function standIn(answer: TargetAnswer): Target & { calls: TargetCall[] } {
  const calls: TargetCall[] = [];
  return {
    calls,
    call: async (call) => {
      calls.push(call);
      return answer;
    },
  };
}

async function run(slug: string, answer: TargetAnswer, key: string | null = null) {
  const target = standIn(answer);
  const read = readArguments(known(slug), good[slug]);
  if (!read.ok) throw new Error(read.error);
  const performed = await performAction(known(slug), read.input, target, { idempotencyKey: key });
  const schema = z.fromJSONSchema(describeAction(known(slug)).output_parameters as never);
  expect(schema.safeParse(JSON.parse(JSON.stringify(performed.result))).error).toBeUndefined();
  return { ...performed, call: target.calls[0]!, calls: target.calls.length };
}

describe('the call of an action', () => {
  test.each(actions.filter(({ endpoint }) => endpoint.id !== null).map(({ slug }) => slug.slice(10)))(
    verifies('tools:operation', '%s is taken by its endpoint, with all that was asked for'),
    async (slug) => {
      const { call, calls } = await run(slug, answered(200, envelope(null)));
      expect(calls).toBe(1);
      const endpoint = (endpoints as Record<string, Endpoint>)[call.endpoint.id!]!;
      expect(call.endpoint).toEqual({ id: endpoint.id, method: endpoint.method, path: endpoint.path });
      const { params, query, body } = call.operation;
      const reading = readCall(endpoint, { params, query: query && texts(query), body });
      expect(reading).toMatchObject({ ok: true });
      expect(Object.keys(params ?? {})).toEqual([...endpoint.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
      const { idempotency_key: _, ...sent } = good[slug]!;
      expect({ ...params, ...query, ...(body as object) }).toEqual(sent);
      // Nothing of it is dropped by the contract either.
      for (const name of Object.keys(query ?? {})) expect(endpoint.query?.shape).toHaveProperty(name);
    },
  );

  test.each(['CREATE_MMS_SEND', 'CREATE_POST_LETTERS_SEND'])(
    verifies('tools:operation', '%s is ClickSend’s own call'),
    async (slug) => {
      const { call } = await run(slug, answered(200, envelope(null)));
      const path = slug === 'CREATE_MMS_SEND' ? '/v3/mms/send' : '/v3/post/letters/send';
      expect(call.endpoint).toEqual({ id: null, method: 'POST', path });
      const { idempotency_key: _, ...sent } = good[slug]!;
      expect(call.operation).toEqual({ body: sent });
    },
  );

  test('the key of the caller goes before the one in the arguments', async () => {
    const ok = answered(200, envelope(null));
    expect((await run('CREATE_SMS_SEND', ok)).call.idempotencyKey).toBe('order-8841');
    expect((await run('CREATE_SMS_SEND', ok, 'derived')).call.idempotencyKey).toBe('derived');
    expect((await run('GET_LISTS', ok)).call.idempotencyKey).toBeNull();
  });

  test('a name of a list is cut, and that is said', async () => {
    const target = standIn(answered(200, envelope({ list_id: 1 })));
    const name = `${'é'.repeat(49)}🥖 and more`;
    const { result } = await performAction(known('CREATE_LISTS'), { list_name: name }, target, {
      idempotencyKey: null,
    });
    const cut = `${'é'.repeat(49)}🥖`;
    expect(target.calls[0]?.operation.body).toEqual({ list_name: cut });
    expect(result.data.warnings).toEqual([`list_name was cut to its first 50 characters: "${cut}".`]);
  });
});

describe('a result', () => {
  test(verifies('tools:result', 'of a success is the envelope'), async () => {
    const { result, outcome, status } = await run('GET_LISTS', answered(200, envelope({ total: 0, data: [] })));
    expect(result).toEqual({ data: envelope({ total: 0, data: [] }), error: null, successful: true });
    expect([outcome, status]).toEqual(['done', 200]);
  });

  test(verifies('tools:refused', 'of a refusal says what, of which field, and what to do'), async () => {
    const body = { http_code: 400, response_code: 'BAD_REQUEST', response_msg: 'Some fields are invalid.' };
    const fields = { list_name: 'list_name is required.', name: ['too long', 'not nice'] };
    const { result, outcome, status } = await run('CREATE_LISTS', answered(400, { ...body, data: fields }));
    expect(result.error).toBe('Some fields are invalid. list_name is required. name: too long. name: not nice.');
    expect(result.successful).toBe(false);
    expect(result.data).toEqual({ ...body, data: fields, error: result.error });
    expect([outcome, status]).toEqual(['undone', 400]);
    const said = 'There is no list 424242 in this account';
    const twice = await run(
      'DELETE_LISTS',
      answered(404, { ...body, response_msg: said, data: { list_id: `${said}.` } }),
    );
    expect(twice.result.error).toBe(`list_id: ${said}. Check the ids: list what there is, and take one of those.`);
    const gone = await run('DELETE_LISTS', answered(404, { ...body, response_msg: 'No such list', data: null }));
    expect(gone.result.error).toBe('No such list. Check the ids: list what there is, and take one of those.');
    const wrong = await run('GET_ACCOUNT', answered(401, {}));
    expect(wrong.result.error).toMatch(/^The call was refused with status 401\. The credentials of the connection/);
  });

  test('a 200 that does not say success is none', async () => {
    const { result, outcome } = await run(
      'GET_LISTS',
      answered(200, { http_code: 403, response_code: 'FORBIDDEN', response_msg: 'No.' }),
    );
    expect([result.successful, result.error, outcome]).toEqual([false, 'No.', 'undone']);
  });

  test.each([
    [400, { response_code: 'BAD_REQUEST' }],
    [401, {}],
    [404, {}],
    [422, {}],
    [429, {}],
    [302, {}],
    [200, { http_code: 200, response_code: 'FAILED' }],
    [200, { http_code: 422, response_code: 'FAILED' }],
    [200, { response_code: 'FAILED' }],
  ])('of HTTP %i with %j is no success, and nothing was done', async (status, body) => {
    const { result, outcome } = await run('CREATE_SMS_SEND', answered(status, body));
    expect([result.successful, outcome]).toEqual([false, 'undone']);
    expect(result.error).not.toContain('may or may not');
  });

  test.each([
    [408, {}],
    [409, { response_code: 'CONFLICT' }],
    [500, {}],
    [504, {}],
    [200, { response_code: null }],
    [200, { http_code: 201 }],
    [200, { http_code: 409, response_code: 'CONFLICT' }],
    [200, { http_code: 500, response_code: 'INTERNAL_ERROR' }],
  ])(verifies('tools:unknown-outcome', 'of HTTP %i with %j is in doubt where it writes'), async (status, body) => {
    const sent = await run('CREATE_SMS_SEND', answered(status, body));
    expect([sent.result.successful, sent.outcome, sent.status]).toEqual([false, 'unknown', status]);
    expect(sent.result.error).toContain('It may or may not have been done: look at CLICKSEND_GET_SMS_HISTORY');
    const read = await run('GET_LISTS', answered(status, body));
    expect([read.result.successful, read.outcome]).toEqual([false, 'undone']);
  });

  test('of an older target, whose envelope has no response_code, is judged by its http_code', async () => {
    expect((await run('CREATE_SMS_SEND', answered(200, { http_code: 200, data: null }))).outcome).toBe('done');
  });

  test(verifies('tools:unknown-outcome', 'of silence says that it may have been done, and where to look'), async () => {
    const silence: TargetAnswer = { kind: 'unknown', words: 'No answer came within 30 seconds' };
    const sent = await run('CREATE_SMS_SEND', silence);
    expect(sent.result.error).toBe(
      'No answer came within 30 seconds. It may or may not have been done: look at CLICKSEND_GET_SMS_HISTORY before you repeat it.',
    );
    expect([sent.outcome, sent.status, sent.result.data]).toEqual(['unknown', null, { error: sent.result.error }]);
    const read = await run('GET_LISTS', silence);
    expect(read.result.error).toBe('No answer came within 30 seconds. Nothing was changed; try again.');
    expect(read.outcome).toBe('undone');
    const broke = await run('CREATE_SMS_SEND', answered(502, { response_msg: 'Bad gateway' }));
    expect([broke.outcome, broke.status]).toEqual(['unknown', 502]);
    expect(broke.result.error).toMatch(/^Bad gateway\. It may or may not have been done/);
    expect((await run('GET_LISTS', answered(503, {}))).outcome).toBe('undone');
    const rule = await run('CREATE_AUTOMATIONS_SMS_INBOUND', silence);
    expect(rule.result.error).toContain('look at what it would have changed before you repeat it.');
  });

  test('of what this target cannot do says so', async () => {
    const { result, outcome } = await run('CREATE_MMS_SEND', {
      kind: 'undone',
      words: 'channel not available yet: no MMS here.',
    });
    const words = 'channel not available yet: no MMS here.';
    // In data as well: adapters there are hand that alone to the model.
    expect(result).toEqual({ data: { error: words }, error: words, successful: false });
    expect(outcome).toBe('undone');
  });

  test('that is an earlier one again is passed on as that', async () => {
    const again: TargetAnswer = { kind: 'answer', status: 200, envelope: envelope(null), replayed: true };
    expect((await run('CREATE_SMS_SEND', again)).replayed).toBe(true);
    // Done the first time, whatever is said of it now.
    const messages = [{ to: '+61411111111', status: 'INVALID_RECIPIENT' }];
    const judged = await run('CREATE_SMS_SEND', { ...again, envelope: envelope({ messages }) });
    expect([judged.result.successful, judged.replayed, judged.outcome]).toEqual([false, true, 'done']);
    expect((await run('CREATE_SMS_SEND', answered(200, envelope({ messages })))).outcome).toBe('undone');
  });

  test(verifies('tools:masked', 'holds no key or password'), async () => {
    const account = {
      username: 'koala',
      _subaccount: { api_key: '5D0C1B7E', api_username: 'koala' },
      rows: [{ password: 'x' }],
    };
    const { result } = await run('GET_ACCOUNT', answered(200, envelope(account)));
    expect(result.data.data).toEqual({
      username: 'koala',
      _subaccount: { api_key: HIDDEN, api_username: 'koala' },
      rows: [{ password: HIDDEN }],
    });
    const refused = await run('GET_ACCOUNT', answered(400, { response_msg: 'No', data: { api_key: 'S3CRET' } }));
    expect(JSON.stringify(refused.result)).not.toContain('S3CRET');
  });

  test(verifies('tools:masked', 'however deep an answer is nested; what lies too deep is left out'), async () => {
    for (const nested of ['[', '{"a":']) {
      const text = `${nested.repeat(9_000)}{"api_key":"S3CRET"}${(nested === '[' ? ']' : '}').repeat(9_000)}`;
      const { result } = await run('GET_LISTS', answered(200, envelope(JSON.parse(text))));
      const whole = JSON.stringify(result.data);
      expect(whole).not.toContain('S3CRET');
      expect(whole).toContain(TOO_DEEP);
    }
    const near = JSON.parse(`${'['.repeat(50)}{"api_key":"S3CRET","list_id":7}${']'.repeat(50)}`);
    const { result } = await run('GET_LISTS', answered(200, envelope(near)));
    expect(JSON.stringify(result.data)).toContain(`{"api_key":"${HIDDEN}","list_id":7}`);
  });
});

describe('what a success says of its messages', () => {
  const messages = (...statuses: string[]) =>
    answered(200, envelope({ messages: statuses.map((status, index) => ({ to: `+6141111111${index}`, status })) }));

  test(verifies('tools:each-message', 'none accepted is an error that names each and what to do'), async () => {
    const { result, outcome } = await run(
      'CREATE_SMS_SEND',
      messages('INVALID_RECIPIENT', 'INSUFFICIENT_CREDIT', 'NEWS'),
    );
    expect(result.successful).toBe(false);
    expect(result.error).toMatch(
      /^None of the 3 messages was sent\. \+61411111110: INVALID_RECIPIENT; check the number/,
    );
    expect(result.error).toContain('+61411111111: INSUFFICIENT_CREDIT; the balance is too low');
    expect(result.error).toMatch(/\+61411111112: NEWS\.$/);
    expect(result.data).toHaveProperty('data.messages');
    expect(outcome).toBe('undone');
    const many = await run('CREATE_SMS_SEND', messages(...Array(7).fill('THROTTLED')));
    expect(many.result.error?.match(/THROTTLED/g)).toHaveLength(5);
    expect(many.result.error).toContain('And 2 more');
    const one = await run('SMS_PRICE_POST', messages('COUNTRY_NOT_ENABLED'));
    expect(one.result.error).toMatch(/^The message was not priced\. \+61411111110: COUNTRY_NOT_ENABLED/);
  });

  test(verifies('tools:each-message', 'some accepted is a success with warnings'), async () => {
    const { result, outcome } = await run('CREATE_SMS_SEND', messages('SUCCESS', 'INVALID_RECIPIENT'));
    expect([result.successful, result.error, outcome]).toEqual([true, null, 'done']);
    expect(result.data.warnings).toEqual([
      '1 of 2 messages was sent; repeat none of those.',
      expect.stringMatching(/^\+61411111111: INVALID_RECIPIENT;/),
    ]);
    expect((await run('CREATE_SMS_SEND', messages('SUCCESS', 'SUCCESS'))).result.data).not.toHaveProperty('warnings');
  });

  test('letters are judged by their recipients', async () => {
    const data = { recipients: [{ address_name: 'Ana Reyes', status: 'INVALID_RETURN_ADDRESS' }] };
    const { result } = await run('CREATE_POST_LETTERS_SEND', answered(200, envelope(data)));
    expect(result.error).toContain('Ana Reyes: INVALID_RETURN_ADDRESS; give the id of a return address');
  });

  test('an answer of another shape is left as it is', async () => {
    for (const data of [null, 'x', [], { messages: 'x' }, { messages: [null, 1, {}] }]) {
      expect((await run('CREATE_SMS_SEND', answered(200, envelope(data)))).result.successful).toBe(true);
    }
  });

  test('a campaign that failed is an error, one that is held a warning', async () => {
    const failed = { sms_campaign_id: 31, status: 'Failed', _reason: 'No contact has a number.' };
    const { result } = await run('CREATE_SMS_CAMPAIGNS_SEND', answered(200, envelope(failed)));
    expect(result.error).toBe('Campaign 31 is not being sent: its status is Failed. No contact has a number.');
    const held = {
      sms_campaign_id: 31,
      status: 'WaitApproval',
      _warnings: ['No way out.'],
      _excluded: { opted_out: 2, none: 0 },
    };
    const { result: waits } = await run('UPDATE_SMS_CAMPAIGNS', answered(200, envelope(held)));
    expect(waits.successful).toBe(true);
    expect(waits.data.warnings).toEqual([
      'No way out.',
      'Contacts of the list that are left out: 2 opted out.',
      'Campaign 31 waits until somebody lets it go on.',
    ]);
    const cancelled = { sms_campaign_id: 31, status: 'Cancelled' };
    const cancel = await run('SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT', answered(200, envelope(cancelled)));
    expect(cancel.result.successful).toBe(true);
  });
});

const texts = (terms: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, String(value)]));
