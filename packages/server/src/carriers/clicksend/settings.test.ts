import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const read = (text: string) => readSettings(new URL(text));

describe('a clicksend URL', () => {
  it('says where to, as whom, and how fast', () => {
    const url = 'clicksend://me%40example.com:k%3A%2F1@rest.clicksend.com?poll=5s&timeout=30s&window=300&tps=50';
    expect(read(url)).toEqual({
      origin: 'https://rest.clicksend.com',
      name: 'clicksend://rest.clicksend.com/me@example.com',
      authorization: `Basic ${Buffer.from('me@example.com:k:/1').toString('base64')}`,
      window: 50,
      tps: 50,
      pollMs: 5_000,
      timeoutMs: 30_000,
    });
  });

  it('needs no more than a user, a key and a host', () => {
    expect(read('clicksend://me:key@rest.clicksend.com')).toMatchObject({
      window: 1_000,
      tps: null,
      pollMs: 15_000,
      timeoutMs: 60_000,
    });
    expect(read('clicksend://me:key@rest.clicksend.com/?poll=off')).toMatchObject({ pollMs: null });
  });

  it('sends the key in clear over the loopback only', () => {
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080']) {
      expect(read(`clicksend://me:key@${host}?scheme=http`)).toMatchObject({ origin: `http://${host}` });
    }
    for (const host of ['rest.clicksend.com', '127.0.0.1.example.com', '10.0.0.1', 'localhost.example.com']) {
      const fault = 'scheme=http is for a loopback host only: the key would travel in clear.';
      expect(read(`clicksend://me:key@${host}?scheme=http`)).toEqual({ faults: [fault] });
    }
  });

  it('is refused with every fault at once, and never with its key', () => {
    const url = 'clicksend://:s3cret@rest.clicksend.com/v3?poll=fast&window=0&tps=1.5&scheme=ftp&timeout=1ms&binds=2';
    const answer = read(url);
    expect('faults' in answer && answer.faults).toHaveLength(8);
    expect(JSON.stringify(answer)).not.toContain('s3cret');
    expect(read('clicksend://me:100%@rest.clicksend.com')).toMatchObject({ faults: [expect.stringContaining('API')] });
    expect(read('clicksend://me@rest.clicksend.com')).toMatchObject({ faults: [expect.stringContaining('key')] });
  });
});
