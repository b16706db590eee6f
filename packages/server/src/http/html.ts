/**
 * Pages are written as templates of which every value is escaped unless it is a piece of a page itself. So a value cannot
 * become markup by being forgotten. Attributes are written in double quotes; no value may stand inside a style, a script
 * or the name of a tag.
 */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Value = string | number | Html | readonly Html[] | null;

/** A piece of a page; null writes nothing. */
export function html(literals: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(literals.reduce((markup, literal, i) => markup + written(values[i - 1]!) + literal));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function written(value: Value): string {
  if (value === null) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(written).join('');
  return String(value)
    .replace(/[&<>"']/g, (character) => ESCAPES[character]!)
    .replace(UNPRINTABLE, '\ufffd');
}

/** What would rearrange the text around it (marks of direction), or cannot stand in HTML. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;
