import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { html } from './html.ts';

test.each([
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  [`"><img src=x onerror='alert(1)'>`, '&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;'],
  ['Fish & Chips &amp;', 'Fish &amp; Chips &amp;amp;'],
  ['\u202eevil\u2066', '\ufffdevil\ufffd'],
  ['a\u0000b\u001b', 'a\ufffdb\ufffd'],
  ['שלום 👨‍👩‍👧 e\u0301', 'שלום 👨‍👩‍👧 e\u0301'],
])(verifies('links:pages', '%j is text in a page'), (value, written) => {
  expect(html`<p title="${value}">${value}</p>`.toString()).toBe(`<p title="${written}">${written}</p>`);
});

test('pieces of pages stay pieces', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>${null}${7}`.toString()).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>7');
});

test('what only looks like a piece is text', () => {
  const forged = { toString: () => '<script>' } as never;
  expect(() => html`${forged}`.toString()).toThrow();
  expect(html`${['<i>'] as never}`.toString()).toBe('&lt;i&gt;');
});
