import { z } from 'zod';

/** A JSON Schema (2020-12) whose named parts are references into `#/components/schemas`. */
export type JsonSchema = Record<string, unknown>;

export type WriteSchema = (schema: z.ZodType) => JsonSchema;

/**
 * Turns zod schemas into JSON Schemas for one document. Schemas with an id (`.meta({ id })`) are gathered in
 * `components`, by that id; two different ones under one id are a bug and throw.
 *
 * Always written as what may be passed in: for answers that is the same, without forbidding the keys later versions add.
 */
export function schemaWriter(): { write: WriteSchema; components: Record<string, JsonSchema> } {
  const components: Record<string, JsonSchema> = {};
  const write: WriteSchema = (schema) => {
    // In a wrapper the schema itself can be a named one too.
    const wrapped = z.toJSONSchema(z.object({ it: schema }), { io: 'input', override });
    const { $defs = {}, properties } = toComponents(wrapped) as {
      $defs?: Record<string, JsonSchema>;
      properties: { it: JsonSchema };
    };
    for (const [id, written] of Object.entries($defs)) keep(components, id, written);
    return properties.it;
  };
  return { write, components };
}

function keep(components: Record<string, JsonSchema>, id: string, { id: _, ...written }: JsonSchema): void {
  const known = components[id];
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(written)) {
    throw new TypeError(`Two schemas are named ${id}.`);
  }
  components[id] = written;
}

/**
 * Bounds no caller can reach say nothing; a type written into `.meta()` stands for the tolerances behind it; a rescued
 * element (see lenient.ts) is documented by its sound form.
 */
function override({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.default === '') delete jsonSchema.default;
  if (jsonSchema.type !== undefined) delete jsonSchema.anyOf;
  const { anyOf } = jsonSchema;
  if (anyOf?.length !== 2 || Object.keys(anyOf[1] ?? {}).length > 0) return;
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, anyOf[0]);
}

/** zod points into `$defs`, OpenAPI into its components. */
function toComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
        : [key, toComponents(inner)],
    ),
  );
}
