import type { Api, SentItem } from './api.ts';

/** A customer's program that sends and, as it should, repeats a call with its key until it has an answer. */
export class Load {
  readonly accepted = new Map<string, SentItem>();
  /** Answers that were neither 200 nor "try again": each is a fault of the server. */
  readonly wrong: string[] = [];
  /** Calls that had to be repeated. */
  repeated = 0;
  api: Api | null = null;
  #waiting: { messages: object[]; key: string }[] = [];
  #underWay = 0;
  #calls = 0;

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0;
  }

  /** Sends these, `size` a call, a few calls at a time. */
  send(messages: readonly object[], size: number): void {
    for (let at = 0; at < messages.length; at += size) {
      this.#waiting.push({ messages: messages.slice(at, at + size), key: `call-${this.#calls++}` });
    }
    while (this.#underWay < CALLS_AT_ONCE && this.#waiting.length > 0) this.#work();
  }

  async #work(): Promise<void> {
    this.#underWay += 1;
    for (let call = this.#waiting.shift(); call; call = this.#waiting.shift()) {
      while (!(await this.#try(call))) {
        this.repeated += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    this.#underWay -= 1;
  }

  async #try(call: { messages: object[]; key: string }): Promise<boolean> {
    if (this.api === null) return false;
    const headers = { 'idempotency-key': call.key };
    const answer = await this.api
      .call('POST', '/v3/sms/send', { body: { messages: call.messages }, headers })
      .catch(() => null);
    // No answer at all, the database away, or the first call still under way.
    if (answer === null || answer.status === 503 || answer.status === 409) return false;
    if (answer.status !== 200) {
      this.wrong.push(`send was answered ${answer.status}: ${answer.text.slice(0, 200)}`);
      return this.wrong.length > 20;
    }
    for (const item of (answer.json.data as { messages: SentItem[] }).messages) {
      if (item.status !== 'SUCCESS') this.wrong.push(`a message was answered ${item.status}: ${item.body}`);
      this.accepted.set(item.message_id, item);
    }
    return true;
  }
}

const CALLS_AT_ONCE = 4;
