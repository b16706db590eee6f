import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { checkServer } from './check-server.ts';
import { StartRefused } from './start-refused.ts';
import { withClient } from './with-client.ts';

let own: TestDatabase;

beforeAll(async () => {
  own = await openTestDatabase({ empty: true });
});

afterAll(() => own.close());

const refusalOf = async (url: string): Promise<string> => {
  const error: unknown = await checkServer(url).then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(StartRefused);
  return (error as StartRefused).message;
};

describe('checkServer', () => {
  test('a server that may lose what it committed is refused, every setting by name', async () => {
    // The server of the tests is one: it runs with fsync and full_page_writes off.
    await withClient(own.url, (client) =>
      client.query(
        `do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`,
      ),
    );
    const faults = (await refusalOf(own.url)).split('\n');
    expect(faults.map((sentence) => /(\w+) = off/.exec(sentence)?.[1])).toEqual([
      'fsync',
      'full_page_writes',
      'synchronous_commit',
    ]);
  });

  test('one that is not there is refused without showing the password', async () => {
    const sentence = await refusalOf('postgres://someone:hunter2@127.0.0.1:1/veredus');
    expect(sentence).toContain('ECONNREFUSED');
    expect(sentence).not.toContain('hunter2');
  });

  test('a wrong password and a missing database are told apart', async () => {
    const wrong = new URL(own.url);
    wrong.password = 'wrong';
    expect(await refusalOf(wrong.href)).toMatch(/password authentication failed/);
    const missing = new URL(own.url);
    missing.pathname = '/nowhere';
    expect(await refusalOf(missing.href)).toMatch(/database "nowhere" does not exist/);
  });
});
