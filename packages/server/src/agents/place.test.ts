import { findAction } from '@veredus/tools/catalogue';
import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import type { Handlers } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { NoConnection } from '../connections/no-connection.ts';
import type { ConnectionAsk, OpenConnection } from '../connections/open-connection.ts';
import type { Actor, Agent } from './actor.ts';
import { placeFor } from './place.ts';

const action = findAction('CLICKSEND_CREATE_SMS_SEND')!;
const caller = { accountId: 1, userId: 1, scopes: ['agent:use'] } as unknown as Caller;
const agent = { ownAccount: true, allowedConnections: null } as unknown as Agent;
const project = { ...caller, scopes: ['broker:use', 'sms:send'] } as unknown as Caller;
const none = new NoConnection('There is no connection.', true);
const expired = new NoConnection('Connection ca_1 is EXPIRED.');
const opened = { connectionId: 'ca_1', target: 'cloud', userId: 'ana' } as unknown as OpenConnection;

/** Where it goes when asking for a connection answers so; `asked` collects what was asked. */
function place(actor: Actor, userId: string | null, answers: (OpenConnection | NoConnection)[], needed = false) {
  const asked: ConnectionAsk[] = [];
  const open = async (_accountId: number, ask: ConnectionAsk) => {
    asked.push(ask);
    const next = answers[asked.length - 1]!;
    if (next instanceof NoConnection) throw next;
    return next;
  };
  const wish = { connectionId: null, userId, needed };
  return { asked, place: placeFor({ handlers: {} as Handlers, open }, actor, action, wish) };
}

test('an agent that names nobody acts as its own account; one that may not, over its usual connection', async () => {
  expect(await place({ caller, agent }, null, []).place).toMatchObject({ connectionId: null, target: 'local' });
  const bound = { ...agent, ownAccount: false, allowedConnections: ['ca_1'] };
  const { asked, place: found } = place({ caller, agent: bound }, null, [opened]);
  expect(await found).toBe(opened);
  expect(asked[0]).toMatchObject({ connectionId: null, userId: null, among: ['ca_1'] });
});

test(
  verifies(
    'run:no-substitute',
    'who named a user is never written for from the account itself, once anybody has connected',
  ),
  async () => {
    expect(await place({ caller, agent }, 'ana', [none, none]).place).toMatchObject({ connectionId: null });
    await expect(place({ caller, agent }, 'ana', [none, opened]).place).rejects.toBe(none);
    await expect(place({ caller, agent }, 'ana', [none, expired]).place).rejects.toBe(none);
    await expect(place({ caller, agent }, 'ana', [expired]).place).rejects.toBe(expired);
    const bound = { ...agent, allowedConnections: [] };
    await expect(place({ caller, agent: bound }, 'ana', [none, opened]).place).rejects.toBe(none);
    await expect(place({ caller: project, agent: null }, 'ana', [none], true).place).rejects.toBe(none);
  },
);

test('an agent acts with the one permission its action needs, a project with its own', async () => {
  const scopesOf = async (actor: Actor) => {
    let seen: unknown = 'refused';
    const smsSend = (call: { caller: Caller }) => {
      seen = call.caller.scopes;
      return { data: {} };
    };
    const parts = { handlers: { smsSend } as unknown as Handlers, open: async () => opened };
    const own = await placeFor(parts, actor, action, { connectionId: null, userId: null, needed: false });
    const operation = { body: { messages: [{ to: '+61411111111', body: 'Hello' }] } };
    await own.use.call({ endpoint: action.endpoint, operation, idempotencyKey: null });
    return seen;
  };
  expect(await scopesOf({ caller, agent })).toEqual(['sms:send']);
  expect(await scopesOf({ caller: project, agent: null })).toEqual(project.scopes);
  // Over a connection too: it is no way around what its key lacks.
  const lacking = { caller, agent: null };
  await expect(place(lacking, 'ana', [opened]).place).rejects.toThrow(/does not hold the permission sms:send/);
  await expect(place(lacking, null, []).place).rejects.toThrow(/sms:send/);
});
