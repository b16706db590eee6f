export interface SentItem {
  message_id: string;
  to: string;
  body: string;
  status: string;
  message_price: string;
  custom_string: string;
}

export interface HistoryRow {
  message_id: string;
  status: string;
  status_code: string;
  status_text: string;
  body: string;
  custom_string: string;
  message_price: string;
  message_parts: number;
}

/** The public API as a customer's program uses it: Basic authentication, JSON, nothing else. */
export class Api {
  url: string;
  readonly #authorization: string;

  constructor(url: string, credentials: { username: string; api_key: string }) {
    this.url = url;
    this.#authorization = `Basic ${Buffer.from(`${credentials.username}:${credentials.api_key}`).toString('base64')}`;
  }

  async call(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; headers: Headers; text: string; json: { data: unknown } & Record<string, unknown> }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json', ...options.headers },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
  }

  async send(messages: object[], key: string): Promise<SentItem[]> {
    const headers = { 'idempotency-key': key };
    const { status, text, json } = await this.call('POST', '/v3/sms/send', { body: { messages }, headers });
    if (status !== 200) throw new Error(`send was answered ${status}: ${text.slice(0, 300)}`);
    return (json.data as { messages: SentItem[] }).messages;
  }

  /** Every row of the history, page by page. */
  async history(q = ''): Promise<HistoryRow[]> {
    const rows: HistoryRow[] = [];
    for (let page = 1; ; page++) {
      const { status, text, json } = await this.call('GET', `/v3/sms/history?limit=100&page=${page}${q}`);
      if (status !== 200) throw new Error(`history was answered ${status}: ${text.slice(0, 300)}`);
      const data = json.data as { data: HistoryRow[]; last_page: number };
      rows.push(...data.data);
      if (page >= data.last_page) return rows;
    }
  }

  async balance(): Promise<string> {
    const { json } = await this.call('GET', '/v3/account');
    return (json.data as { balance: string }).balance;
  }
}
