import type { TargetAnswer } from '@veredus/tools/target';

/** Shorter ones stand in honest data by chance, and hiding each occurrence would tell them. */
const SHORTEST = 8;

/**
 * An answer without the credentials that were sent for it: a careless server, or a proxy's page, may repeat them, and answers
 * are shown to models and kept with executions.
 */
export function quietAnswer(
  answer: TargetAnswer,
  { username, password }: { username: string; password: string },
): TargetAnswer {
  const pair = Buffer.from(`${username}:${password}`);
  const forms = [pair.toString('base64'), pair.toString('base64url'), password, encodeURIComponent(password)].filter(
    (form) => form.length >= SHORTEST,
  );
  const quiet = (text: string) => forms.reduce((said, form) => said.replaceAll(form, '…'), text);
  if (answer.kind !== 'answer') return { ...answer, words: quiet(answer.words) };
  return { ...answer, envelope: everyText(answer.envelope, quiet) as typeof answer.envelope };
}

/** The same value with each text in it, and each name, as `change` makes it. */
function everyText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => everyText(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), everyText(item, change)]));
}
