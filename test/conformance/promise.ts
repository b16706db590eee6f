/** One thing Veredus promises, in a sentence a test can prove. */
export interface PromiseMade {
  readonly text: string;
  /** Where it comes from: a heading of ARCHITECTURE.md, or the outside contract it keeps. */
  readonly source: string;
}

/** Promises of one source, keyed by id. */
export function from<Id extends string>(source: string, texts: Readonly<Record<Id, string>>): Record<Id, PromiseMade> {
  const entries = Object.entries<string>(texts).map(([id, text]) => [id, { text, source }]);
  return Object.fromEntries(entries) as Record<Id, PromiseMade>;
}
