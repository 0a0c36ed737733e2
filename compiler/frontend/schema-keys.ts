import * as z from 'zod/mini';
import type { Path } from '../../dsl/core/diagnostic';

/** The keys that an object at a path of a document may have; none where the schema has no object. */
export function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const [key, ...rest] = path;
  if (schema instanceof z.ZodMiniDefault || schema instanceof z.ZodMiniOptional)
    return keysAt(schema.def.innerType, path);
  if (schema instanceof z.ZodMiniPipe) return keysAt(schema.def.in, path);
  if (schema instanceof z.ZodMiniUnion)
    return schema.def.options.flatMap((option: z.core.$ZodType) => [...keysAt(option, path)]);
  if (schema instanceof z.ZodMiniArray) return key === undefined ? [] : keysAt(schema.def.element, rest);
  if (!(schema instanceof z.ZodMiniObject)) return [];
  if (key === undefined) return Object.keys(schema.shape);
  const member: z.core.$ZodType | undefined = schema.shape[key];
  return member ? keysAt(member, rest) : [];
}
