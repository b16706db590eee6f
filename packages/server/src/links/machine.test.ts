import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { browserKind } from './browser.ts';
import { machineSign } from './machine.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const PIXEL =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const IMESSAGE =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0';
const CUBOT =
  'Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36';

const get = (agent: string | undefined, headers: Record<string, string> = { 'accept-language': 'en' }) =>
  machineSign({ method: 'GET', headers: { ...headers, ...(agent === undefined ? {} : { 'user-agent': agent }) } });

describe(verifies('links:machines', 'a fetch'), () => {
  test.each([IPHONE, PIXEL, CUBOT, 'Opera/9.80 (J2ME/MIDP; Opera Mini/9) Presto/2.8.119'])(
    'by a person: %s',
    (agent) => {
      expect(get(agent)).toBeNull();
      expect(get(agent, {})).toBeNull();
    },
  );

  test.each([
    ['iMessage', IMESSAGE, 'is facebookexternalhit'],
    ['WhatsApp', 'WhatsApp/2.23.20.0 A', 'is whatsapp'],
    ['Telegram', 'TelegramBot (like TwitterBot)', 'is twitterbot'],
    ['Slack', 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'is slackbot'],
    [
      'Google Messages',
      'Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)',
      'is google-pagerenderer',
    ],
    ['curl', 'curl/8.5.0', 'is curl/'],
    ['a browser without a screen', PIXEL.replace('Chrome', 'HeadlessChrome'), 'is headlesschrome'],
  ])('by %s', (_, agent, why) => {
    expect(get(agent)).toBe(why);
  });

  test('by something that names no browser, or asks for headers only', () => {
    expect(get(undefined)).toBe('named no browser');
    expect(get(' ')).toBe('named no browser');
    expect(machineSign({ method: 'HEAD', headers: { 'user-agent': IPHONE, 'accept-language': 'en' } })).toBe(
      'asked for headers only',
    );
  });

  test.each(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'])('ahead of anybody who asks, by %s', (name) => {
    expect(get(IPHONE, { 'accept-language': 'en', [name]: 'prefetch;anonymous-client-ip' })).toBe('fetched ahead');
    expect(get(IPHONE, { 'accept-language': 'en', [name]: 'preview' })).toBe('fetched ahead');
    expect(get(IPHONE, { 'accept-language': 'en', [name]: 'none' })).toBeNull();
  });

  test('by what calls itself a robot and speaks no language', () => {
    const robot = 'Mozilla/5.0 (compatible; AcmeLinkScanner/1.0; +https://acme.example/scan)';
    expect(get(robot, {})).toBe('bot-like, speaks no language');
    expect(get(robot)).toBeNull();
    expect(get('SomeTool 1.0', {})).toBe('bot-like, speaks no language');
  });
});

describe(verifies('links:private', 'of an agent is kept'), () => {
  test.each([
    [IPHONE, 'Mobile', 'iOS', 'Safari'],
    [IPHONE.replace('Version/17.5', 'CriOS/126.0'), 'Mobile', 'iOS', 'Chrome'],
    [PIXEL, 'Mobile', 'Android', 'Chrome'],
    [PIXEL.replace('Chrome/126', 'SamsungBrowser/25.0 Chrome/126'), 'Mobile', 'Android', 'Samsung Internet'],
    [PIXEL.replace(' Mobile', ''), 'Tablet', 'Android', 'Chrome'],
    [
      'Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Mobile/15E148 Safari/604.1',
      'Tablet',
      'iOS',
      'Safari',
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0', 'Desktop', 'Windows', 'Edge'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0',
      'Desktop',
      'macOS',
      'Firefox',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36 OPR/111.0', 'Desktop', 'Linux', 'Opera'],
    ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126.0 Safari/537.36', 'Desktop', 'ChromeOS', 'Chrome'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 [FBAN/FBIOS;FBAV/1]',
      'Mobile',
      'iOS',
      'Facebook',
    ],
    ['', 'Other', 'Other', 'Other'],
    ['x'.repeat(100_000), 'Other', 'Other', 'Other'],
  ])('%s', (agent, device, os, browser) => {
    expect(browserKind(agent)).toEqual({ device, os, browser });
  });
});
