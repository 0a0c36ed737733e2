import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { intentSchema } from '../dsl/intent/schema';

/** Writes the JSON Schema of an intent, for editors to complete and check by. */
const folder = join(__dirname, '..', 'dist', 'schema');
const schema = {
  ...z.toJSONSchema(intentSchema, { io: 'input' }),
  title: 'tsnet intent',
};

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'intent.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
