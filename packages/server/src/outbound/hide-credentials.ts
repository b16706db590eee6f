/** What stands where a password stood. */
const GAP = '…';
/** A shorter one stands in honest text by chance, and a gap for each occurrence would tell it. */
const SHORTEST = 4;
/** So much of a password in base64 tells enough of it, also where the rest was cut off. */
const CUT = 12;
/** Of it a pattern is made, which is fast; more would make one that is slow with texts made for it. */
const BEGINNING = 3;

export const WITHHELD = 'What was answered is not shown, since the password is too short to be hidden in it.';

/** How one character of what is hidden may be written. */
type Step = readonly string[];

interface Form {
  steps: readonly Step[];
  /** Finds where one may begin. */
  begins: RegExp;
  /** So many of them are a hit. */
  least: number;
  /** Whether upper and lower case (of ASCII) are one. */
  folded: boolean;
}

export const canBeHidden = (password: string): boolean => [...password].length >= SHORTEST;

/**
 * Makes texts go without the credentials that somebody else may have repeated in them: a careless server, or a proxy's page.
 * The password is found as it is and in hexadecimal, in any case of letters; with each character of it written for a URL, a
 * form, HTML or JSON; and in base64, alone and with its username as HTTP Basic sends them, whole or cut.
 */
export function hideCredentials({ username, password }: { username: string; password: string }) {
  if (!canBeHidden(password)) return (text: string): string => (text === '' ? text : WITHHELD);
  const bytes = Buffer.from(password);
  const pair = Buffer.from(`${username}:${password}`);
  const forms = [
    formOf([...password].map(plainStep), { folded: true }),
    formOf([...bytes.toString('hex')].map(plainStep), { folded: true }),
    ...[bytes, pair].map((secret) => {
      const text = secret.toString('base64');
      const { length } = text.replace(/=+$/, '');
      return formOf([...text].map(base64Step), { folded: false, least: Math.min(CUT, length) });
    }),
  ];
  return (text: string): string => forms.reduce((said, form) => without(said, form), text);
}

function formOf(steps: Step[], { folded, least = steps.length }: { folded: boolean; least?: number }): Form {
  const read = folded ? steps.map((step) => [...new Set(step.map(foldedText))]) : steps;
  const begin = read.slice(0, BEGINNING).map((step) => `(?:${step.map(quoted).join('|')})`);
  return { steps: read, begins: new RegExp(begin.join(''), 'g'), least, folded };
}

function plainStep(char: string): Step {
  return [...new Set([char, char.toLowerCase(), char.toUpperCase()])].flatMap(writings);
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;'],
  "'": ['&apos;'],
};

function writings(char: string): string[] {
  const percent = Buffer.from(char).reduce((text, byte) => `${text}%${byte.toString(16).padStart(2, '0')}`, '');
  const point = char.codePointAt(0)!;
  const units = char.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [
    ...[char, percent, percent.replaceAll('%', '%25'), units.join('')],
    ...[3, 2, 1, 0].map((zeros) => `&#${'0'.repeat(zeros)}${point};`),
    ...[2, 1, 0].map((zeros) => `&#x${'0'.repeat(zeros)}${point.toString(16)};`),
    ...(char === ' ' ? ['+'] : []),
    ...('"\\/'.includes(char) ? [`\\${char}`] : []),
    ...(NAMED[char] ?? []),
  ];
}

/** Of the alphabet for URLs as well. */
function base64Step(char: string): Step {
  if (char === '+') return ['%2B', '%2b', '+', '-'];
  if (char === '=') return ['%3D', '%3d', '='];
  return char === '/' ? ['%2F', '%2f', '\\/', '/', '_'] : [char];
}

function without(text: string, { steps, begins, least, folded }: Form): string {
  const read = folded ? foldedText(text) : text;
  begins.lastIndex = 0;
  let said = '';
  let from = 0;
  for (let hit = begins.exec(read); hit !== null; hit = begins.exec(read)) {
    const end = endOf(read, hit.index, steps, least);
    begins.lastIndex = end ?? hit.index + 1;
    if (end === null) continue;
    said += text.slice(from, hit.index) + GAP;
    from = end;
  }
  return from === 0 ? text : said + text.slice(from);
}

/**
 * Where what begins here ends; null = it is none. All ways to read it go on side by side, so that no text makes it go back: a
 * pattern with so many choices would take for ever with a password and a text that are made for it.
 */
function endOf(text: string, start: number, steps: readonly Step[], least: number): number | null {
  let places = new Set([start]);
  let end: number | null = null;
  for (const [done, step] of steps.entries()) {
    const next = new Set<number>();
    for (const place of places) {
      for (const writing of step) if (text.startsWith(writing, place)) next.add(place + writing.length);
    }
    if (next.size === 0) return end;
    places = next;
    if (done + 1 >= least) end = Math.max(...places);
  }
  return end;
}

const quoted = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
/** Of the same length, so that places in the one are places in the other. */
const foldedText = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
