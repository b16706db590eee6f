import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as it was sent to the cloud. */
export interface CloudMessage {
  to: string;
  from?: string;
  body: string;
  custom_string: string;
}

export interface CloudReceipt {
  message_id: string;
  timestamp: number;
  status_code: number;
  custom_string?: string;
  error_code?: number | null;
}

export interface CloudReply {
  message_id: string;
  timestamp: number;
  from: string;
  to: string;
  body: string;
}

/** What a call that the cloud got is remembered by. */
export interface CloudCall {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/**
 * How the cloud treats one call, in place of its proper answer. `accept`: the messages are taken first, as by a platform
 * that fails afterwards.
 */
export type Mishap =
  | { kind: 'status'; status: number; code: string; headers?: Record<string, string>; accept?: boolean }
  | { kind: 'cut'; accept?: boolean }
  | { kind: 'cut-in-answer'; accept?: boolean }
  /** Answers only when `release` is called. */
  | { kind: 'silent'; accept?: boolean }
  | { kind: 'raw'; body: string; headers?: Record<string, string>; accept?: boolean }
  /** An answer that does not end by itself. */
  | { kind: 'endless' };

export interface CloudOptions {
  username?: string;
  key?: string;
  /** Milliseconds since the epoch; shown in `Date`. */
  now: () => number;
  /** The status of one message of a call; SUCCESS by default. */
  statusOf?: (message: CloudMessage) => string;
  /** Refuses a whole call, with this code, for what one message holds. */
  refuseCallFor?: (message: CloudMessage) => boolean;
}

type Listed = { timestamp: number } & Record<string, unknown>;

/** A stand-in of the ClickSend cloud: as strict as its v3 contract, as unreliable as a test asks. */
export class ClicksendCloud {
  readonly calls: CloudCall[] = [];
  /** Every message that was ever taken, with the id it was given. */
  readonly taken: (CloudMessage & { message_id: string })[] = [];
  readonly receipts: Listed[] = [];
  readonly replies: Listed[] = [];
  /** Pages of a list are no longer than this. */
  pageLimit = 100;
  readonly #options: CloudOptions;
  readonly #mishaps: { on: string; mishap: Mishap }[] = [];
  readonly #server = createServer((request, response) => this.#serve(request, response));
  #release: (() => void)[] = [];

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  /** Listens on a free port of the loopback. */
  open(): Promise<this> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(this)));
  }

  close(): Promise<void> {
    for (const release of this.#release.splice(0)) release();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** The carrier URL that leads here. */
  url(terms = ''): URL {
    const { port } = this.#server.address() as AddressInfo;
    const { username = 'demo@example.com', key = 'k3y:/?' } = this.#options;
    const user = `${encodeURIComponent(username)}:${encodeURIComponent(key)}`;
    return new URL(`clicksend://${user}@127.0.0.1:${port}?scheme=http${terms}`);
  }

  /** The next call to a path that ends in `on` meets this. */
  next(mishap: Mishap, on = '/sms/send'): void {
    this.#mishaps.push({ on, mishap });
  }

  release(): void {
    for (const release of this.#release.splice(0)) release();
  }

  callsOf(method: string, path: string): CloudCall[] {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  addReceipt(receipt: CloudReceipt): void {
    this.receipts.push({
      timestamp_send: receipt.timestamp - 5,
      status_text: '',
      error_code: null,
      error_text: null,
      custom_string: '',
      subaccount_id: 1,
      message_type: 'sms',
      digits: null,
      ...receipt,
    });
  }

  addReply(reply: CloudReply): void {
    this.replies.push({ original_body: null, original_message_id: null, custom_string: '', _keyword: '', ...reply });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://cloud');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length === 0 ? null : JSON.parse(Buffer.concat(chunks).toString());
    const call = {
      method: request.method!,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    this.calls.push(call);
    response.setHeader('date', new Date(this.#options.now()).toUTCString());
    response.setHeader('content-type', 'application/json');
    const at = this.#mishaps.findIndex(({ on }) => call.path.endsWith(on));
    if (at >= 0) return this.#mishap(this.#mishaps.splice(at, 1)[0]!.mishap, call, response);
    this.#answer(response, this.#proper(call));
  }

  async #mishap(mishap: Mishap, call: CloudCall, response: ServerResponse): Promise<void> {
    const proper = 'accept' in mishap && mishap.accept ? this.#proper(call) : envelope(200, 'SUCCESS', null);
    switch (mishap.kind) {
      case 'status':
        for (const [name, value] of Object.entries(mishap.headers ?? {})) response.setHeader(name, value);
        return this.#answer(response, envelope(mishap.status, mishap.code, null));
      case 'raw':
        for (const [name, value] of Object.entries(mishap.headers ?? {})) response.setHeader(name, value);
        response.end(mishap.body);
        return;
      case 'cut':
        response.socket?.destroy();
        return;
      case 'cut-in-answer':
        response.writeHead(200, { 'content-length': 5_000 });
        response.write('{"http_code": 200,', () => response.socket?.destroy());
        return;
      case 'silent':
        await new Promise<void>((resolve) => this.#release.push(resolve));
        if (!response.destroyed) this.#answer(response, proper);
        return;
      case 'endless': {
        const more = () => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      }
    }
  }

  #answer(response: ServerResponse, answer: Envelope): void {
    response.statusCode = answer.http_code;
    response.end(JSON.stringify(answer));
  }

  #proper(call: CloudCall): Envelope {
    const { username = 'demo@example.com', key = 'k3y:/?' } = this.#options;
    const expected = `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`;
    if (call.headers.authorization !== expected) return envelope(401, 'UNAUTHORIZED', null);
    switch (`${call.method} ${call.path}`) {
      case 'POST /v3/sms/send':
        return this.#send(call.body as { messages?: CloudMessage[] });
      case 'GET /v3/sms/receipts':
        return this.#page(this.receipts, call.query);
      case 'GET /v3/sms/inbound':
        return this.#page(this.replies, call.query);
      case 'PUT /v3/sms/receipts-read':
        return markRead(this.receipts, call.body);
      case 'PUT /v3/sms/inbound-read':
        return markRead(this.replies, call.body);
      default:
        return envelope(404, 'NOT_FOUND', null);
    }
  }

  #send({ messages }: { messages?: CloudMessage[] }): Envelope {
    const { statusOf = () => 'SUCCESS', refuseCallFor = () => false } = this.#options;
    if (!Array.isArray(messages) || messages.length === 0 || messages.some(refuseCallFor)) {
      return envelope(400, 'BAD_REQUEST', null);
    }
    if (messages.length > 1_000) return envelope(400, 'TOO_MANY_RECIPIENTS', null);
    const date = Math.floor(this.#options.now() / 1_000);
    const items = messages.map((message) => {
      const status = statusOf(message);
      const message_id = randomUUID().toUpperCase();
      if (status === 'SUCCESS') this.taken.push({ ...message, message_id });
      return { direction: 'out', date, schedule: date, message_id, message_parts: 1, status, from: '', ...message };
    });
    const queued = items.filter(({ status }) => status === 'SUCCESS').length;
    const counts = { total_price: 0, total_count: items.length, queued_count: queued, blocked_count: 0 };
    return envelope(200, 'SUCCESS', { ...counts, messages: items });
  }

  #page(rows: readonly Listed[], query: URLSearchParams): Envelope {
    const limit = Math.min(Math.max(Number(query.get('limit') ?? 15), 1), this.pageLimit);
    const number = Number(query.get('page') ?? 1);
    const first = (number - 1) * limit;
    return envelope(200, 'SUCCESS', {
      total: rows.length,
      per_page: limit,
      current_page: number,
      last_page: Math.max(1, Math.ceil(rows.length / limit)),
      next_page_url: null,
      prev_page_url: null,
      from: first + 1,
      to: Math.min(first + limit, rows.length),
      data: rows.slice(first, first + limit),
    });
  }
}

interface Envelope {
  http_code: number;
  response_code: string;
  response_msg: string;
  data: unknown;
}

function envelope(http_code: number, response_code: string, data: unknown): Envelope {
  return { http_code, response_code, response_msg: `Said by the stand-in: ${response_code}.`, data };
}

/** Hides rows older than the moment; all of them without one. */
function markRead(rows: Listed[], body: unknown): Envelope {
  const before = (body as { date_before?: number } | null)?.date_before ?? Number.POSITIVE_INFINITY;
  for (let i = rows.length - 1; i >= 0; i--) if (rows[i]!.timestamp < before) rows.splice(i, 1);
  return envelope(200, 'SUCCESS', null);
}
