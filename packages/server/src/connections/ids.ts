import type { Random } from '@veredus/protocols/random';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Bytes from here on would favour the first letters. */
const FAIR = 256 - (256 % LETTERS.length);

/** Lower-case letters and digits, each as likely as any other: 5.17 bits apiece. */
function randomLetters(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < FAIR && text.length < length) text += LETTERS[byte % LETTERS.length];
    }
  }
  return text;
}

export const newConnectionId = (random: Random) => `ca_${randomLetters(random, 24)}`;
export const newAuthConfigId = (random: Random) => `ac_${randomLetters(random, 24)}`;
/** 165 bits. */
export const newLinkToken = (random: Random) => `ln_${randomLetters(random, 32)}`;
export const newBrowserSecret = (random: Random) => randomLetters(random, 32);

export const isConnectionId = (text: string) => /^ca_[a-z0-9]{24}$/.test(text);
export const isAuthConfigId = (text: string) => /^ac_[a-z0-9]{24}$/.test(text);
export const isLinkToken = (text: string) => /^ln_[a-z0-9]{32}$/.test(text);

const QUALITIES = [
  ...['amber', 'brave', 'bright', 'calm', 'clear', 'clever', 'crisp', 'early', 'fair', 'fond', 'gentle', 'glad'],
  ...['golden', 'green', 'happy', 'honest', 'keen', 'kind', 'lively', 'lucky', 'mellow', 'merry', 'mild', 'neat'],
  ...['noble', 'plain', 'proud', 'quick', 'quiet', 'rapid', 'silver', 'smart', 'smooth', 'steady', 'sunny', 'swift'],
];
const ANIMALS = [
  ...['badger', 'bear', 'bee', 'crane', 'deer', 'dove', 'eagle', 'falcon', 'finch', 'fox', 'gecko', 'goose'],
  ...['hare', 'hawk', 'heron', 'ibis', 'jay', 'koala', 'lark', 'lynx', 'mole', 'moose', 'otter', 'owl'],
  ...['panda', 'quail', 'raven', 'robin', 'seal', 'stork', 'swan', 'tiger', 'trout', 'whale', 'wolf', 'wren'],
];

/** A name to say aloud, e.g. `swift-otter-42`. Not unique: for people, beside the id. */
export function newWordId(random: Random): string {
  const pick = (words: readonly string[]) => words[Math.floor(random.next() * words.length)];
  return `${pick(QUALITIES)}-${pick(ANIMALS)}-${10 + Math.floor(random.next() * 90)}`;
}
