/** How the same texts are asked for at each of the systems compared. */
export interface Requests {
  readonly method: string;
  readonly headers: Record<string, string>;
  /** Path and body of the call for messages `first` to `first + count - 1`. */
  call(first: number, count: number): { path: string; body: string };
  /** How many messages an answer accepted; 0 = none, which is shown. */
  accepted(status: number, head: string, count: number): number;
}

const TEXT = 'x'.repeat(100);
/** Each message goes to a handset of its own, in a range of Australian mobiles: nothing is a repeat. */
const handset = (number: number): string => `614${10_000_000 + number}`;

/** POST /v3/sms/send. */
export function veredusRequests(authorization: string): Requests {
  return {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    call: (first, count) => {
      const messages = Array.from({ length: count }, (_, i) => ({
        from: 'SENDER',
        to: `+${handset(first + i)}`,
        body: TEXT,
        custom_string: `bench-${first + i}`,
      }));
      return { path: '/v3/sms/send', body: JSON.stringify({ messages }) };
    },
    accepted: (_status, head) => Number(/"queued_count":(\d+)/.exec(head)?.[1] ?? 0),
  };
}

/** Kannel's smsbox: GET /cgi-bin/sendsms, one recipient a call, with a call-back for each receipt. */
export function kannelRequests(callBack: string): Requests {
  const query = `username=bench&password=bench&from=SENDER&text=${TEXT}&dlr-mask=3`;
  return {
    method: 'GET',
    headers: {},
    call: (first) => {
      const report = encodeURIComponent(`${callBack}/?number=${first}&state=%d`);
      return { path: `/cgi-bin/sendsms?${query}&to=${handset(first)}&dlr-url=${report}`, body: '' };
    },
    accepted: (status, _head, count) => (status === 202 ? count : 0),
  };
}
