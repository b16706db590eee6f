import type { FastifyReply } from 'fastify';
import { type OpenedConnectLink, WRONG_TRIES } from '../connections/links.ts';
import { connectPage } from './connect-pages.ts';
import { type Html, html } from './html.ts';

/** What went wrong with a try. The password is never among it: it does not come back into a page. */
export interface Fault {
  status: number;
  title: string;
  words: string;
  /** Shown as they were typed. */
  username: string;
  /** Fields to what is wrong with each. */
  fields: Readonly<Record<string, string>>;
}

export interface FormFacts {
  link: OpenedConnectLink;
  /** The host credentials are tried at, and go to. */
  host: string;
  /** Proves that the form was drawn for this browser. */
  proof: string;
  now: number;
  fault: Fault | null;
}

/** Who asks for what, where it goes, and the two fields. */
export function formPage(reply: FastifyReply, facts: FormFacts): FastifyReply {
  const { link, fault } = facts;
  const title = `Connect ${link.toolkitName}`;
  return connectPage(
    reply,
    fault?.status ?? 200,
    title,
    html`${summary(facts)}<p><strong>${link.requestedBy}</strong> asks to use ${link.toolkitName} in your name.</p>
${asked(facts)}
<h2>What it will be able to do</h2>
<ul>
<li>Send, schedule, change and cancel messages and campaigns. What they cost is charged to the account you connect.</li>
<li>Read sent and received messages, receipts, prices and statistics.</li>
<li>Read, change and delete contact lists and contacts, and import them from files.</li>
<li>Make rules for messages that come in.</li>
</ul>
${form(facts)}
<p class="aside">What you enter is tried at ${facts.host} first, and kept encrypted only if it is right. It is shown to nobody, ${link.requestedBy} included.</p>`,
    {
      tabTitle: fault ? `Error: ${title}` : title,
      formTo: link.failureUrl === null ? null : new URL(link.failureUrl).origin,
    },
  );
}

/** What went wrong comes first, and has the focus; each fault leads to its field. */
function summary({ link, fault }: FormFacts): Html | null {
  if (fault === null) return null;
  const faults = Object.entries(fault.fields).map(([name, words]) => html`<li><a href="#${name}">${words}</a></li>\n`);
  const counted = link.triesLeft < WRONG_TRIES;
  const left = counted ? html`<p>${triesLeft(link.triesLeft)}</p>\n` : null;
  return html`<div class="summary" role="alert" tabindex="-1" autofocus aria-labelledby="summary">
<h2 id="summary">${fault.title}</h2>
<p>${fault.words}</p>
${faults.length > 0 ? html`<ul>\n${faults}</ul>\n` : null}${left}</div>
`;
}

function triesLeft(left: number): string {
  return left === 1 ? 'One try is left before this link closes.' : `${left} tries are left before this link closes.`;
}

function asked({ link, host, now }: FormFacts): Html {
  const minutes = Math.max(1, Math.ceil((link.expiresAt - now) / 60_000));
  const expiry = new Date(link.expiresAt).toISOString();
  const own = link.target === 'local';
  return html`<dl>
<dt>Asked by</dt>
<dd>${link.requestedBy}${link.accountName === link.requestedBy ? null : html`<small>of the account ${link.accountName}</small>`}</dd>
<dt>Connects to</dt>
<dd>${own ? 'This server' : 'The ClickSend cloud'}<small>${host}</small></dd>
<dt>Link works until</dt>
<dd><time datetime="${expiry}">${expiry.slice(11, 16)} UTC</time><small>${minutes === 1 ? 'one minute' : `${minutes} minutes`} from now</small></dd>
</dl>`;
}

const HELP = {
  local: {
    username: 'Your username on this server.',
    password:
      'An API key of yours is best: whoever runs this server makes one with "npm run veredus -- key create", and the first start wrote one to credentials.json. Your password works as well.',
  },
  cloud: {
    username: 'At dashboard.clicksend.com, open the user menu, then Account Settings, then API Credentials.',
    password: 'The API key stands there too. Use it rather than your password: you can take it back by itself.',
  },
} as const;

/**
 * A password manager may fill in what it keeps for this server where that is asked for. What it keeps for this server must not
 * be offered for somebody else's, nor ClickSend's be kept under our name.
 */
const AUTOCOMPLETE = {
  local: { username: 'username', password: 'current-password' },
  cloud: { username: 'off', password: 'off' },
} as const;

/** Connect stands first: it is what Enter presses. */
function form({ link, proof, fault }: FormFacts): Html {
  const { target } = link;
  const username = html`value="${fault?.username ?? link.usernameHint}" autocapitalize="none" spellcheck="false" `;
  return html`<form method="post">
<input type="hidden" name="proof" value="${proof}">
${field({ name: 'username', label: 'Username', type: 'text', target, more: username, fault })}
${field({ name: 'password', label: 'Password or API key', type: 'password', target, more: null, fault })}
<button type="submit" name="answer" value="connect">Connect</button>
<button type="submit" name="answer" value="cancel" class="second" formnovalidate>Cancel</button>
</form>`;
}

interface Field {
  name: 'username' | 'password';
  label: string;
  type: string;
  target: OpenedConnectLink['target'];
  more: Html | null;
  fault: Fault | null;
}

function field({ name, label, type, target, more, fault }: Field): Html {
  const wrong = fault?.fields[name] ?? null;
  const describedBy = wrong === null ? `${name}-help` : `${name}-error ${name}-help`;
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${AUTOCOMPLETE[target][name]}" ${more}aria-describedby="${describedBy}"${wrong === null ? null : html` aria-invalid="true"`} required>
${wrong === null ? null : html`<p class="error" id="${name}-error">${wrong}</p>\n`}<p class="help" id="${name}-help">${HELP[target][name]}</p>
</div>`;
}
