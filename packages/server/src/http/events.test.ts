import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { recordEvent } from '../events/record.ts';
import { Refusal } from '../refusal.ts';
import { openApp } from './app.ts';
import { addEvents } from './events.ts';

let own: TestDatabase;
let clock: HandClock;
let app: FastifyInstance;
let url: string;
/** By the word that stands for its credentials. */
let callers: Record<string, Caller>;
/** What the door says of anybody, instead of who he is. */
let verdict: (() => never) | Refusal | null;
/** Statements by name, and connections of the app role that were taken. */
let asked: string[];
let taken: number;
/** How often the clock came to the moment of a look. */
let looks: number;
/** The server's side of each answer. */
let answers: ServerResponse[];
let readers: Reader[];
const logged: string[] = [];

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  clock = handClock();
  await own.db.enginePool.query('delete from events');
  callers = {
    mine: { ...(await addAccount(own.db, `mine ${Math.random()}`)), scopes: ['events:read'] } as unknown as Caller,
    theirs: { ...(await addAccount(own.db, `theirs ${Math.random()}`)), scopes: ['*'] } as unknown as Caller,
    sender: { accountId: 1, scopes: ['sms:send'] } as unknown as Caller,
  };
  [verdict, asked, taken, looks, answers, readers] = [null, [], 0, 0, [], []];
  await open();
});
afterEach(async () => {
  for (const reader of readers) reader.hangUp();
  await app.close();
  expect(logged.splice(0)).toEqual([]);
});

async function open(most?: { ofAccount: number; inAll: number }): Promise<void> {
  const authentication = {
    authenticate: (header = '') => {
      if (typeof verdict === 'function') verdict();
      return verdict ?? callers[header.replace('Basic ', '')] ?? new Refusal('missing-credentials', 'Sign in.');
    },
  } as unknown as Authentication;
  const log = (event: string) => void logged.push(event);
  app = openApp({ newId: () => 'r', trustProxy: [], log });
  app.addHook('onRequest', async (_, reply) => void answers.push(reply.raw));
  addEvents(app, { authentication, db: counted(own.db), clock, log, ...(most && { most }) });
  await app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

/** The same database, with what is asked of it noted. */
function counted(db: Database): Database {
  const enginePool = {
    query: (statement: { name?: string }) => {
      asked.push(statement.name ?? '');
      return db.enginePool.query(statement as never);
    },
  };
  const appPool = {
    connect: () => {
      taken += 1;
      return db.appPool.connect();
    },
  };
  return { ...db, enginePool, appPool } as unknown as Database;
}

interface Told {
  id: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a stream says has every shape.
  data: any;
}

/** A reader of a stream, with everything it was told. */
interface Reader {
  status: number;
  headers: IncomingMessage['headers'];
  text(): string;
  told(): Told[];
  ended(): boolean;
  answer: IncomingMessage;
  hangUp(): void;
}

async function read(path = '', headers: Record<string, string> = {}, who = 'mine', paused = false): Promise<Reader> {
  const asking: ClientRequest = request(`${url}/v3/events${path}`, {
    headers: { authorization: `Basic ${who}`, ...headers },
    agent: false,
  });
  asking.on('error', () => {});
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  let ended = false;
  answer
    .on('error', () => {})
    .on('close', () => {
      ended = true;
    });
  if (!paused) {
    answer.setEncoding('utf8').on('data', (some) => {
      text += some;
    });
  }
  const reader = {
    status: answer.statusCode!,
    headers: answer.headers,
    text: () => text,
    told: () => parse(text),
    ended: () => ended,
    answer,
    hangUp: () => asking.destroy(),
  };
  readers.push(reader);
  return reader;
}

function parse(text: string): Told[] {
  const blocks = text.split('\n\n').slice(0, -1);
  return blocks.flatMap((block) => {
    const fields = Object.fromEntries(
      block
        .split('\n')
        .filter((line) => !line.startsWith(':'))
        .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
    );
    return fields.data === undefined
      ? []
      : [{ id: fields.id!, event: fields.event!, data: JSON.parse(fields.data) as unknown }];
  });
}

const record = (name: string, who = 'mine', more: object = {}) =>
  recordEvent(own.db.enginePool, {
    accountId: callers[who]!.accountId,
    at: clock.now(),
    kind: 'campaign.state',
    facts: { name, ...more },
  });
/** Until everything recorded is in the past: other tests of this server hold transactions open as well. */
const settled = () =>
  eventually(async () => {
    const open = 'select from events where xact >= pg_snapshot_xmin(pg_current_snapshot())';
    return (await own.db.enginePool.query(open)).rows.length === 0;
  });
const names = (reader: Reader) =>
  reader
    .told()
    .filter(({ event }) => event !== 'ready' && event !== 'reset')
    .map(({ data }) => data.name);
/** Lets the server look again and again until it is so. */
const soon = (so: () => boolean) =>
  eventually(async () => {
    looks += 1;
    clock.advance(250);
    return so();
  });
const ready = async (reader: Reader) => {
  await eventually(async () => reader.told().length > 0);
  return reader;
};

describe('a stream', () => {
  test(verifies('events:shape', 'begins with an id, and tells each event once and at once'), async () => {
    await record('before');
    await settled();
    const reader = await ready(await read());
    expect([reader.status, reader.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(reader.headers).toMatchObject({
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-request-id': 'r',
    });
    expect(reader.text()).toMatch(/^retry: 2000\nid: \d+-0-\d+\nevent: ready\ndata: {"at":\d+}\n\n$/);
    await record('one');
    await soon(() => names(reader).length > 0);
    const at = Math.floor(clock.now() / 1_000);
    await record('two');
    await soon(() => names(reader).length > 1);
    expect(names(reader)).toEqual(['one', 'two']);
    expect(reader.told().at(-1)).toMatchObject({
      event: 'campaign.state',
      data: { kind: 'campaign.state', at, name: 'two' },
    });
  });

  test(verifies('events:resume', 'goes on behind the last id, cut off by the reader or by the server'), async () => {
    const first = await ready(await read());
    for (let i = 0; i < 450; i++) await record(`${i}`);
    await soon(() => names(first).length >= 100);
    first.hangUp();
    const kept = first.told().slice(0, 51);
    const { id } = kept.at(-1)!;
    const second = await read('', { 'last-event-id': id });
    await soon(() => names(second).length >= 200);
    await app.close();
    await eventually(async () => second.ended());
    await open();
    await record('450');
    // The id of the header is later than that of the address, which stays as it was.
    const third = await read(`?after=${id}`, { 'last-event-id': second.told().at(-1)!.id });
    await soon(() => names(third).includes('450'));
    const all = [...kept.slice(1).map(({ data }) => data.name), ...names(second), ...names(third)];
    expect(all).toEqual(Array.from({ length: 451 }, (_, i) => `${i}`));
  });

  test(
    verifies('events:resume', 'goes on from its first id where nothing had happened, and from ?after='),
    async () => {
      const first = await ready(await read());
      const { id } = first.told()[0]!;
      first.hangUp();
      await record('meanwhile');
      const second = await read(`?after=${id}`);
      await soon(() => names(second).length > 0);
      expect(names(second)).toEqual(['meanwhile']);
    },
  );

  test(verifies('events:reset', 'says why it cannot go on, and goes on from the present'), async () => {
    await record('before');
    await settled();
    for (const [id, reason] of [
      ['nonsense', 'malformed'],
      ['12-7-0', 'expired'],
      ['18446744073709551615-7-0', 'ahead'],
    ]) {
      const reader = await ready(await read('', { 'last-event-id': id! }));
      expect(reader.told()[0]).toMatchObject({
        event: 'reset',
        data: { reason, message: expect.stringMatching(/\.$/) },
      });
      await record(`after ${reason}`);
      await soon(() => names(reader).length > 0);
      expect(names(reader)).toEqual([`after ${reason}`]);
      reader.hangUp();
    }
  });

  test(verifies('events:kinds', 'tells those it is asked for, and goes past the others'), async () => {
    const reader = await ready(await read('?kinds=import.state,rule.failed'));
    await record('not asked for');
    await soon(() => asked.length > 4);
    await recordEvent(own.db.enginePool, {
      accountId: callers.mine!.accountId,
      at: 1,
      kind: 'import.state',
      facts: { name: 'asked for' },
    });
    await soon(() => names(reader).length > 0);
    expect(names(reader)).toEqual(['asked for']);
    const refused = await read('?kinds=message.sent');
    await eventually(async () => refused.ended());
    expect([refused.status, refused.text()]).toEqual([400, expect.stringContaining('message.status')]);
  });

  test(verifies('events:own', 'tells nothing of another account'), async () => {
    const [mine, theirs] = [await ready(await read()), await ready(await read('', {}, 'theirs'))];
    await record('CANARY', 'theirs');
    await record('mine');
    await soon(() => names(mine).length > 0 && names(theirs).length > 0);
    expect([names(mine), names(theirs)]).toEqual([['mine'], ['CANARY']]);
    // Their id opens nothing of theirs.
    const thief = await ready(await read('', { 'last-event-id': theirs.told()[0]!.id }));
    await record('mine too');
    await soon(() => names(thief).includes('mine too'));
    expect(thief.text()).not.toContain('CANARY');
  });

  test(verifies('events:beat', 'says something every 15 seconds'), async () => {
    const reader = await ready(await read());
    clock.advance(14_999);
    const before = reader.text();
    clock.advance(1);
    await eventually(async () => reader.text() !== before);
    expect(reader.text().slice(before.length)).toMatch(/^: \d+\n\n$/);
    await eventually(async () => {
      clock.advance(15_000);
      return reader.text().length > before.length + 20;
    });
  });

  test('without credentials, and without the permission, is refused as every call is', async () => {
    const [nobody, sender] = [await read('', {}, 'nobody'), await read('', {}, 'sender')];
    expect([nobody.status, sender.status]).toEqual([401, 403]);
  });
});

describe('a reader that does not read', () => {
  test(verifies(
    'events:slow',
    'is given no more than it has room for, is cut off, and goes on by its id',
  ), async () => {
    const reader = await read('', {}, 'mine', true);
    const BIG = 2_000;
    await own.db.enginePool.query(
      `insert into events (account_id, at, kind, facts)
       select $1, $3, 'campaign.state', jsonb_build_object('name', i, 'text', repeat('x', 20000)) from generate_series(1, $2::integer) i`,
      [callers.mine!.accountId, BIG, clock.now()],
    );
    const [answer] = answers;
    await soon(() => answer!.writableNeedDrain);
    // Whatever the kernel holds: what is held here is a page or two of the ten there are.
    const pages = taken;
    for (let i = 0; i < 20; i++) clock.advance(250);
    await record('more');
    for (let i = 0; i < 20; i++) clock.advance(250);
    expect(taken).toBe(pages);
    expect(answer!.writableLength).toBeLessThan(9_000_000);
    expect(answer!.destroyed).toBe(false);
    clock.advance(30_000);
    await eventually(async () => answer!.destroyed);
    let text = '';
    reader.answer.setEncoding('utf8').on('data', (some) => {
      text += some;
    });
    await eventually(async () => reader.ended());
    const kept = parse(text.slice(0, text.lastIndexOf('\n\n') + 2));
    const seen = kept.slice(1).map(({ data }) => data.name);
    expect(seen.length).toBeLessThan(BIG);
    const next = await read('', { 'last-event-id': kept.at(-1)!.id });
    await soon(() => next.text().includes('"more"'));
    expect([...seen, ...names(next)]).toEqual([...Array.from({ length: BIG }, (_, i) => i + 1), 'more']);
  }, 30_000);

  test(verifies('events:slow', 'holds up nobody else'), async () => {
    await read('', {}, 'mine', true);
    const other = await ready(await read());
    await own.db.enginePool.query(
      `insert into events (account_id, at, kind, facts)
       select $1, 0, 'campaign.state', jsonb_build_object('name', i, 'text', repeat('x', 20000)) from generate_series(1, 1500) i`,
      [callers.mine!.accountId],
    );
    await soon(() => names(other).length === 1_500);
    expect(answers[0]!.writableNeedDrain).toBe(true);
  }, 30_000);
});

describe('many streams', () => {
  test(verifies('events:caps', 'of an account, or in all, are refused with a time to try again'), async () => {
    await app.close();
    await open({ ofAccount: 2, inAll: 3 });
    const [first] = [await ready(await read()), await ready(await read())];
    const third = await read();
    await eventually(async () => third.ended());
    expect([third.status, third.headers['retry-after']]).toEqual([429, '10']);
    expect(third.text()).toContain('This account has 2 event streams open');
    await ready(await read('', {}, 'theirs'));
    const fourth = await read('', {}, 'theirs');
    await eventually(async () => fourth.ended());
    expect([fourth.status, fourth.text()]).toEqual([429, expect.stringContaining('/v3/events/page')]);
    first!.hangUp();
    await eventually(async () => (await read()).status === 200);
  });

  test(verifies('events:shared', 'ask in one statement, and read what they share once'), async () => {
    const many = await Promise.all(Array.from({ length: 12 }, (_, i) => read('', {}, i % 2 ? 'mine' : 'theirs')));
    await Promise.all(many.map(ready));
    await soon(() => asked.length >= 2);
    [asked, taken, looks] = [[], 0, 1];
    await record('mine');
    await record('theirs', 'theirs');
    await soon(() => many.every((reader) => names(reader).length === 1));
    expect(new Set(asked)).toEqual(new Set(['places-with-news']));
    expect(asked.length).toBeLessThanOrEqual(looks);
    // One read for each account, or two where another transaction of this server was in the way of one of them.
    expect(taken).toBeLessThanOrEqual(4);
  });

  test('that are none ask nothing', async () => {
    const reader = await ready(await read());
    reader.hangUp();
    await eventually(async () => answers[0]!.destroyed);
    // The look that was due when it left.
    clock.advance(250);
    asked = [];
    for (let i = 0; i < 10; i++) {
      clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(asked).toEqual([]);
  });
});

describe('a stream ends', () => {
  test(verifies('events:welcome', 'within a minute of its key being revoked or its account banned'), async () => {
    for (const kind of ['invalid-credentials', 'account-banned', 'forbidden'] as const) {
      verdict = null;
      const reader = await ready(await read());
      verdict = new Refusal(kind, 'No longer.');
      clock.advance(15_000);
      await eventually(async () => reader.ended());
      await record('secret');
      expect(reader.text()).toMatch(/: this key no longer opens the stream; sign in again\n\n$/);
    }
    // Who lost the permission, or whose name is another account's by now.
    for (const other of ['sender', 'theirs']) {
      verdict = null;
      const reader = await ready(await read());
      callers = { ...callers, kept: callers.mine!, mine: callers[other]! };
      clock.advance(15_000);
      await eventually(async () => reader.ended());
      callers = { ...callers, mine: callers.kept! };
    }
  });

  test(
    verifies('events:welcome', 'not while the database is away for a moment, but when it cannot be told for long'),
    async () => {
      const reader = await ready(await read());
      verdict = () => {
        throw new Error('away');
      };
      let beats = 0;
      for (let i = 0; i < 3; i++) {
        clock.advance(15_000);
        beats += 1;
        await eventually(async () => reader.text().split('\n: ').length > beats);
      }
      expect(reader.ended()).toBe(false);
      clock.advance(15_000);
      await eventually(async () => reader.ended());
    },
  );

  test(verifies(
    'events:stop',
    'with a comment when the server stops, and a stuck one with the connection',
  ), async () => {
    const reader = await ready(await read());
    await read('', {}, 'mine', true);
    await own.db.enginePool.query(
      `insert into events (account_id, at, kind, facts)
       select $1, 0, 'campaign.state', jsonb_build_object('name', i, 'text', repeat('x', 20000)) from generate_series(1, 1500) i`,
      [callers.mine!.accountId],
    );
    await soon(() => names(reader).length === 1_500 && answers[1]!.writableNeedDrain);
    await app.close();
    await eventually(async () => reader.ended());
    expect(reader.text()).toMatch(/: the server stops\n\n$/);
    expect(answers[1]!.destroyed).toBe(true);
  }, 30_000);
});
