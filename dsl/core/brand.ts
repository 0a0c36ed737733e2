declare const brand: unique symbol;

/** A `Base` that only its own parser can make, so that an unparsed value does not fit where a parsed one is wanted. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Closes an exhaustive switch: a new member of the union makes the call a type error. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
