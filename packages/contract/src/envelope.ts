import { z } from 'zod';
import { type AnswerCode, answerCodes } from './codes.ts';

/**
 * What every v3 answer is wrapped in. `http_code` repeats the HTTP status as a number (the Python client refuses a
 * string), and no known client branches on `response_msg`.
 */
export interface Envelope<D> {
  http_code: number;
  response_code: string;
  response_msg: string;
  data: D;
}

/** The schema of a successful answer around the schema of its `data`. */
export function envelope<D extends z.ZodType>(data: D) {
  return z.object({
    http_code: z.literal(200),
    response_code: z.literal('SUCCESS'),
    response_msg: z.string(),
    data,
  });
}

/** A refused call: `data` is null, or maps each refused field to a sentence about it. */
export const refusalEnvelope = z
  .object({
    http_code: z.int().min(400),
    response_code: z.string(),
    response_msg: z.string(),
    data: z.record(z.string(), z.string()).nullable(),
  })
  .meta({ id: 'Refusal' });

/** Wraps the `data` of a call that did what it was asked. Every success is 200, also of creates. */
export function success<D>(data: D, words: string): Envelope<D> {
  return { http_code: 200, response_code: 'SUCCESS', response_msg: words, data };
}

/**
 * Wraps a refusal. `words` replaces the code's own sentence; `fields` maps a field's name to what is wrong with it.
 */
export function refused(
  code: AnswerCode,
  words: string = answerCodes[code].words,
  fields: Record<string, string> | null = null,
): Envelope<Record<string, string> | null> {
  const { http_code, response_code } = answerCodes[code];
  return { http_code, response_code, response_msg: words, data: fields };
}
