import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../refusal.ts';

/** Every push carries it: how many of them, each caused by the one before, it is the last of. */
const DEPTH_HEADER = 'veredus-depth';
/** A push that leads to a call that leads to a push is somebody's idea; a third one is a circle. */
const TOO_DEEP = 3;

/**
 * How many pushes led to this call; 0 for one that nothing of ours caused.
 *
 * @throws Refusal forbidden where they have become a circle, so that a rule whose address leads back here runs out by itself.
 */
export function depthOf(headers: IncomingHttpHeaders): number {
  const text = headers[DEPTH_HEADER];
  if (text === undefined) return 0;
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) {
    throw new Refusal('bad-request', `${DEPTH_HEADER} must be one whole number, as the push had it; or leave it out.`);
  }
  const depth = Number(text);
  if (depth < TOO_DEEP) return depth;
  throw new Refusal(
    'forbidden',
    `This call was caused by a push, which was caused by a push, ${depth} deep: an address of yours leads back here. ` +
      'Change the rule that names it.',
  );
}
