import * as z from 'zod';
import type { Path } from '../../dsl/core/diagnostic';

/** The keys that an object at a path of a document may have; none where the schema has no object. */
export function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const [key, ...rest] = path;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return keysAt(schema.def.innerType, path);
  if (schema instanceof z.ZodPipe) return keysAt(schema.def.in, path);
  if (schema instanceof z.ZodUnion)
    return schema.def.options.flatMap((option: z.core.$ZodType) => [...keysAt(option, path)]);
  if (schema instanceof z.ZodArray) return key === undefined ? [] : keysAt(schema.def.element, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (key === undefined) return Object.keys(schema.shape);
  const member: z.core.$ZodType | undefined = schema.shape[key];
  return member ? keysAt(member, rest) : [];
}
