import type { Random } from '@veredus/protocols/random';
import { newCode } from '../links/codes.ts';

/**
 * How the links of a campaign are written: what stands before each code, and the codes that stand in a frozen text for those it
 * gets when it becomes a message. Of their length, so that the text counts the same; drawn at random, so that no contact's
 * field can hold one.
 */
export interface Places {
  base: string;
  url: string;
  optOut: string;
}

export const drawPlaces = (random: Random, base: string): Places => ({
  base,
  url: newCode(random),
  optOut: newCode(random),
});
