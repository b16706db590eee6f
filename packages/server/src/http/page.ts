import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Html, html } from './html.ts';

/** System fonts and colours; `color-scheme` lets the browser turn all of it dark. */
const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.0625rem/1.5 system-ui, sans-serif; }
main { box-sizing: border-box; width: 100%; max-width: 32rem; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.375rem; line-height: 1.3; margin: 0 0 1rem; }
p { margin: 0 0 1rem; }
button { font: inherit; font-weight: 600; width: 100%; min-height: 3rem; padding: .5rem 1rem; border: 2px solid transparent;
  border-radius: .5rem; background: #0b57d0; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid; outline-offset: 2px; }
.aside { font-size: .9375rem; opacity: .8; }
@media (prefers-color-scheme: dark) { button { background: #a8c7fa; color: #062e6f; } }
@media (forced-colors: active) { button { border-color: ButtonText; } }
`;

/** A style that a page may hold: its text, and what the policy says of it. Nothing of a request may stand in it. */
export interface PageStyle {
  readonly tag: Html;
  readonly source: string;
}

export function pageStyle(css: string): PageStyle {
  const hash = createHash('sha256').update(css).digest('base64');
  return { tag: new Html(`<style>${css}</style>`), source: `'sha256-${hash}'` };
}

const PLAIN = pageStyle(STYLE);

/** What a page has beyond a title and its content. */
export interface PageExtras {
  style?: PageStyle;
  /** In the browser's tab, where it says more than the heading does. */
  tabTitle?: string;
  /** Where else a form's answer may lead: an origin of ours to name, never one a request names. Anything else is left out. */
  formTo?: string | null;
  /** Where the page goes by itself. */
  onward?: { seconds: number; url: string };
}

/** Nothing that the grammar of policies would take for more than one place. */
const ORIGIN = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/;

/** Nothing is loaded or run; only our styles count, forms go home, and nobody may put the page in a frame. */
function policy({ style, formTo }: PageExtras): string {
  return [
    "default-src 'none'",
    ['style-src', PLAIN.source, ...(style ? [style.source] : [])].join(' '),
    ["form-action 'self'", ...(formTo && ORIGIN.test(formTo) ? [formTo] : [])].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** Sends a page for people: with a status, a title, and what stands below it. */
export function sendPage(
  reply: FastifyReply,
  status: number,
  title: string,
  content: Html,
  extras: PageExtras = {},
): FastifyReply {
  const { style, tabTitle = title, onward } = extras;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${
  onward
    ? html`<meta http-equiv="refresh" content="${onward.seconds}; url=${onward.url}">
`
    : null
}<title>${tabTitle}</title>
${PLAIN.tag}${style?.tag ?? null}
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return reply
    .status(status)
    .type('text/html; charset=utf-8')
    .headers({ ...QUIET, 'content-security-policy': policy(extras), 'x-content-type-options': 'nosniff' })
    .send(page.toString());
}

/** For every answer to a link: kept nowhere, listed nowhere, and not told to where it leads. */
export const QUIET = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
} as const;
