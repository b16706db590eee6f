import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { refused } from '../accounts/answers.ts';
import { Refusal } from '../refusal.ts';

/**
 * Answers what Node's parser gave up on: there is neither request nor reply then, so the envelope is written onto the
 * socket. Of a peer that has gone nothing is left to answer.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const { status, body } = refused(refusalOf(error.code), requestId);
    const text = JSON.stringify(body);
    socket.write(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        'content-type: application/json; charset=utf-8',
        `content-length: ${Buffer.byteLength(text)}`,
        `x-request-id: ${requestId}`,
        'connection: close',
        '',
        text,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}

function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('too-large', 'The headers of the request are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('bad-request', 'The request took too long to arrive.');
  return new Refusal('bad-request', 'This is not a request of HTTP/1.1.');
}
