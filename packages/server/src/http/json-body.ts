import { nestsDeeper } from '../json-depth.ts';
import { Refusal } from '../refusal.ts';

/** No body of this API nests deeper than a handful; a hostile one nests 100,000 deep. */
const DEPTH_LIMIT = 64;

/**
 * Reads a JSON body. The depth is counted before anything is built of it. An empty body
 * is none: several official clients send JSON content types on calls without a body.
 */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (nestsDeeper(body, DEPTH_LIMIT))
    throw new Refusal('bad-request', `The body nests deeper than ${DEPTH_LIMIT} levels.`);
  const text = body.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal('bad-request', `The body is not valid JSON: ${(error as Error).message}`);
  }
}
