import { expect, test } from 'vitest';
import { parsePidFile } from './postmaster.ts';
import { findAccount } from './run-as.ts';
import { serverConfig } from './tuning.ts';

const MEGABYTE = 1024 * 1024;
const where = { port: 5000, socketFolder: null, logFolder: "/it's/log" };

test('a pid file is read line by line; a half-written one is none', () => {
  const text = '812\n/data/cluster\n1700000000\n5433\n/data/cluster\n127.0.0.1\n  12345     42\nready   \n';
  expect(parsePidFile(text)).toEqual({ pid: 812, port: 5433, socketFolder: '/data/cluster', status: 'ready' });
  expect(parsePidFile(text.replace('/cluster\n127', '\n127'))?.socketFolder).toBe('/data');
  expect(parsePidFile('812\n/data/cluster\n')).toBeNull();
  expect(parsePidFile('')).toBeNull();
});

test('a user is found by whole name, and root under another name is not taken', () => {
  const passwd =
    'root:x:0:0::/root:/bin/sh\npostgresql:x:70:70::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\nnobody:x:0:0::/:/bin/sh\n';
  expect(findAccount(passwd, 'postgres')).toEqual({ uid: 101, gid: 104 });
  expect(findAccount(passwd, 'nobody')).toBeNull();
  expect(findAccount(passwd, 'missing')).toBeNull();
});

test.each([
  [16_384, '256MB'],
  [1024, '128MB'],
  [128, '32MB'],
])('with %i MB of memory, shared_buffers is %s', (megabytes, expected) => {
  const text = serverConfig({ ...where, memory: megabytes * MEGABYTE });
  expect(text).toContain(`shared_buffers = '${expected}'`);
});

test('values are quoted, and what is added wins', () => {
  const lines = serverConfig({ ...where, memory: MEGABYTE }, { fsync: 'off' }).split('\n');
  expect(lines).toContain("log_directory = '/it''s/log'");
  expect(lines.filter((line) => line.startsWith('fsync'))).toEqual(["fsync = 'off'"]);
});
