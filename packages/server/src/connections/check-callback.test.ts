import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { Refusal } from '../refusal.ts';
import { callbackWith, checkCallback } from './check-callback.ts';

const HERE = 'https://msg.example.test';
const check = (url: string, hosts: readonly string[] = ['*']) => checkCallback(url, { publicUrl: HERE, hosts });

describe('a callback', () => {
  test.each([
    'https://app.example.com/done?a=b%20c#part',
    'https://app.example.com:8443/',
    'http://localhost:3000/cb',
    'http://127.0.0.1:9/cb',
    'http://[::1]:9/cb',
    'http://app.localhost/',
    'https://msg.example.test/admin/tools',
    'https://bücher.example.com/',
    'https://[2001:db8::1]/',
    'HTTPS://APP.example.com/x',
  ])(verifies('connections:callbacks', '%s is taken'), (url) => {
    expect(check(url)).toBe(new URL(url).href);
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt://app.example.com/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://app.example.com/',
    'blob:https://app.example.com/x',
    '//app.example.com/x',
    '/admin/tools',
    'https:app.example.com',
    'https:/app.example.com',
    'https:///app.example.com',
    'https://',
    '',
    ' https://app.example.com/',
    'https://app.example.com/\r\nset-cookie: a=b',
    'java\tscript:alert(1)',
    'https://app.example.com/a b',
    'https://app.example.com\\@evil.example/',
    'https://user:password@app.example.com/',
    'https://user@app.example.com/',
    'https://app.example.com/\ud800',
    'http://app.example.com/',
    'http://localhost.evil.example/',
    'http://127.0.0.1.evil.example/',
    'http://0.0.0.0/',
    'http://x;sandbox;.localhost/',
    'http://x,y.localhost/',
    'http://*.localhost/',
    "http://'self'.localhost/",
    'https://a;script-src.evil.example/',
    'https://*/',
    'https://*.example.com/',
    'https://a_b.example.com/',
    `https://app.example.com/${'a'.repeat(2_030)}`,
    `https://app.example.com/${'ü'.repeat(500)}`,
  ])(verifies('connections:callbacks', 'fault:F58', '%j is refused with words'), (url) => {
    let fault: unknown;
    try {
      check(url);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(Refusal);
    expect((fault as Refusal).fields).toEqual({ callback_url: expect.any(String) });
  });

  test(verifies('connections:callbacks', 'leads to the hosts that are allowed, this server and loopback'), () => {
    const hosts = ['app.example.com', '*.example.org'];
    for (const url of ['https://app.example.com/', 'https://app.example.com./x', 'https://a.b.example.org/']) {
      expect(check(url, hosts)).toBe(url);
    }
    for (const url of ['http://localhost/', `${HERE}/x`]) expect(check(url, hosts)).toBe(url);
    for (const url of [
      'https://example.com/',
      'https://xapp.example.com/',
      'https://example.org/',
      'https://xexample.org/',
    ]) {
      expect(() => check(url, hosts)).toThrow(/does not return to/);
    }
  });
});

test(verifies('connections:callbacks', 'keeps its own query, and gets what became of it appended'), () => {
  const told = { status: 'success', connected_account_id: 'ca_1', state: 'a&b=c ü' };
  expect(callbackWith('https://a.example/cb?x=1%202&y=+#end', told)).toBe(
    'https://a.example/cb?x=1%202&y=+&status=success&connected_account_id=ca_1&state=a%26b%3Dc+%C3%BC#end',
  );
  expect(callbackWith('https://a.example/cb', { status: 'failed', state: null })).toBe(
    'https://a.example/cb?status=failed',
  );
});
