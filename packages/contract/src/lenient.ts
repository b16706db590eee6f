import { z } from 'zod';

/**
 * zod's own `preprocess` and `union` do what the wire's tolerances need, but forget the type of what may be passed in
 * (it becomes unknown), and with it the typed client. These three put the types back; nothing else here casts.
 */

type Like<S extends z.ZodType> = z.ZodType<z.output<S>, z.input<S>> & {
  _zod: { optin: S['_zod']['optin']; optout: S['_zod']['optout'] };
};

/**
 * A schema in front of which a value is made right (digits to a number) or refused in better words than zod's.
 * Documented as the schema alone.
 *
 * @param convert answers the value to go on with; `refuse` adds a sentence about the field, and a code of the answer
 *   where it is not BAD_REQUEST.
 */
export function accepting<S extends z.ZodType>(
  convert: (raw: unknown, refuse: (words: string, code?: string) => void) => unknown,
  schema: S,
): Like<S> {
  return z.preprocess((raw, context) => {
    return convert(raw, (message, code) => {
      context.issues.push({ code: 'custom', input: raw, message, params: code === undefined ? {} : { code } });
    });
  }, schema) as unknown as Like<S>;
}

/**
 * A schema that cannot fail: what does not fit goes through `rescue` instead. For the elements of a batch, of which a
 * bad one must not take down the others. Documented as the schema alone (see openapi.ts).
 */
export function rescued<S extends z.ZodType, Out>(
  schema: S,
  normalise: (value: z.output<S>) => Out,
  rescue: (raw: unknown) => Out,
): z.ZodType<Out, z.input<S>> {
  return z.union([schema.transform(normalise), z.unknown().transform(rescue)]) as unknown as z.ZodType<Out, z.input<S>>;
}

/** An array of at most `most` elements; a longer one is refused with `code` before any element is looked at. */
export function atMost<S extends z.ZodType>(most: number, code: string, element: S) {
  return accepting((raw, refuse) => {
    if (Array.isArray(raw) && raw.length > most) refuse(`has ${raw.length} elements; ${most} fit in one call.`, code);
    return raw;
  }, z.array(element).min(1, 'needs at least one element.').max(most));
}
