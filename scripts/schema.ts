import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { diagnostic, proof, SHAPES } from '../cli/results-schema';
import { intentSchema } from '../dsl/intent/schema';

/** Writes the JSON Schema of an intent, for editors to complete and check by, and that of what `--json` prints. */
const folder = join(__dirname, '..', 'dist', 'schema');
const intent = {
  ...z.toJSONSchema(intentSchema, { io: 'input' }),
  title: 'tsnet intent',
};

mkdirSync(folder, { recursive: true });
write('intent', intent);
write('results', resultsSchema());

/** Who reads a result has to take fields that come with a later version. */
function resultsSchema(): object {
  const named = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries({ ...SHAPES, diagnostic, proof })) named.add(shape, { id });
  const { schemas } = z.toJSONSchema(named, {
    uri: (id) => `#/$defs/${id}`,
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const shapes = Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'what tsnet prints with --json, by command',
    $defs: Object.fromEntries(shapes),
  };
}

function write(name: string, schema: object): void {
  writeFileSync(join(folder, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
