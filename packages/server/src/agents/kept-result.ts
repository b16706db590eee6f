import type { ActionResult } from '@veredus/tools/action';
import { maskText } from './mask-text.ts';

/** What is kept of an answer, in characters of JSON: 1,000 short messages are 700,000. */
const RESULT_LIMIT = 1_000_000;
/** What is kept of each message of a larger one. */
const OF_MESSAGE = ['to', 'message_id', 'status', 'message_price', 'message_parts', 'schedule'] as const;
/** Texts in which `maskText` looks for secrets; it reads no further. */
const READ = 20_000;

/**
 * An answer's data as it is kept, as JSON text that jsonb takes: secrets in its texts masked as in arguments. Of what only
 * reads, that and how much it answered: the rows themselves stand elsewhere. Of a large one, its messages without their texts.
 */
export function keptResult({ data }: ActionResult, readOnly: boolean): string {
  if (readOnly) return jsonText({ ...frameOf(data), cut: `${JSON.stringify(data).length} characters` });
  const masked = mask(data) as Fields;
  const whole = jsonText(masked);
  if (whole.length <= RESULT_LIMIT) return whole;
  const frame = frameOf(masked);
  const cut = `${whole.length} characters`;
  const shorter = jsonText({ ...frame, cut, data: withoutTexts(masked.data) });
  return shorter.length <= RESULT_LIMIT ? shorter : jsonText({ ...frame, cut });
}

type Fields = Readonly<Record<string, unknown>>;

/** Of what a target says, as much as a person says. */
const WORDS = 2_000;

function frameOf({ http_code, response_code, response_msg, warnings }: Fields): Fields {
  const words = typeof response_msg === 'string' ? response_msg.slice(0, WORDS) : response_msg;
  const frame = { http_code, response_code: String(response_code).slice(0, 100), response_msg: words };
  const few = Array.isArray(warnings) ? warnings.slice(0, 20).map((one) => String(one).slice(0, WORDS)) : undefined;
  return { ...frame, ...(few && { warnings: few }) };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mask(value: unknown): unknown {
  if (typeof value === 'string') return value.length > READ ? value : maskText(value, READ);
  if (Array.isArray(value)) return value.map(mask);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mask(part)]));
}

function withoutTexts(data: unknown): unknown {
  if (!isFields(data) || !Array.isArray(data.messages)) return undefined;
  const messages = data.messages.map((message) =>
    isFields(message) ? Object.fromEntries(OF_MESSAGE.map((name) => [name, message[name]])) : null,
  );
  return { ...data, messages };
}

/** jsonb takes neither U+0000 nor half a character, however they are written. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, (found) =>
    found === '\\\\' ? found : '\\ufffd',
  );
}
