import * as z from 'zod/mini';

/**
 * What each command prints with `--json`, for the schema that is published (`dist/schema/results.schema.json`). Fields are
 * added, and never change their meaning.
 */

const text = z.string();
const texts = z.array(text);
const count = z.int();
const orNull = <Shape extends z.ZodMiniType>(shape: Shape) => z.nullable(shape);

const position = z.strictObject({ line: count, column: count });
const label = z.union([
  z.strictObject({ file: text, line: count, column: count, end: position, text: z.optional(text) }),
  z.strictObject({ where: text, text: z.optional(text) }),
]);
export const diagnostic = z.strictObject({
  code: text,
  severity: z.enum(['error', 'warning']),
  message: text,
  at: z.optional(label),
  related: z.array(label),
  hint: z.optional(text),
});
const diagnostics = z.array(diagnostic);

const hooked = z.strictObject({
  hook: text,
  in: orNull(text),
  out: orNull(text),
  mark: count,
  rules: z.array(
    z.strictObject({
      effect: text,
      chain: text,
      index: orNull(count),
      rule: text,
      elements: texts,
      origins: texts,
    }),
  ),
});
const account = {
  packet: text,
  outcome: z.strictObject({
    kind: z.enum(['delivered', 'dropped', 'rejected', 'lost', 'other']),
    at: orNull(text),
    to: orNull(text),
    from: orNull(text),
    mark: count,
    connectionMark: count,
    text,
  }),
  because: texts,
  path: z.array(hooked),
};
const why = z.strictObject({
  ...account,
  answer: z.optional(z.strictObject({ ...account, comesBack: z.boolean() })),
  remarks: texts,
  allowances: z.array(z.strictObject({ text, reaches: orNull(text) })),
  notes: texts,
  trace: z.optional(
    z.strictObject({
      agrees: z.boolean(),
      steps: z.array(
        z.strictObject({
          by: z.enum(['both', 'rules', 'kernel']),
          chain: text,
          index: orNull(count),
          rule: text,
          verdict: orNull(text),
        }),
      ),
    }),
  ),
});

const expectations = z.array(
  z.strictObject({
    place: text,
    text,
    holds: z.boolean(),
    reason: orNull(text),
    packet: orNull(z.strictObject({ text, outcome: text, because: texts, hints: texts, why: text })),
    live: orNull(z.strictObject({ asked: count, otherwise: texts })),
  }),
);

const side = z.strictObject({ verdict: text, seen: texts, chain: orNull(text), rule: orNull(text) });
const differences = z.array(
  z.strictObject({
    journey: text,
    packet: texts,
    question: z.optional(orNull(texts)),
    first: side,
    second: side,
  }),
);
export const proof = z.array(z.strictObject({ plane: text, result: text, more: z.optional(z.boolean()), differences }));
const prove = z.strictObject({
  planes: proof,
  outside: z.strictObject({ first: texts, second: texts, proven: z.boolean() }),
  diagnostics,
});

const fate = {
  file: text,
  line: count,
  text,
  notes: texts,
  reason: orNull(text),
  effect: orNull(text),
};
const migrated = z.union([
  z.strictObject({
    whole: z.boolean(),
    ruleset: orNull(text),
    proof,
    rules: z.array(
      z.strictObject({
        ...fate,
        became: z.enum(['rules', 'nothing', 'lost']),
        nft: z.optional(z.array(z.strictObject({ line: count, text }))),
      }),
    ),
    diagnostics,
  }),
  z.strictObject({
    whole: z.boolean(),
    intent: text,
    recognised: z.record(z.string(), count),
    guessed: z.array(z.unknown()),
    kept: z.array(z.record(z.string(), z.unknown())),
    proof,
    rules: z.array(z.strictObject({ ...fate, became: z.enum(['intent', 'rules', 'nothing', 'lost']) })),
    diagnostics,
  }),
]);
const switched = z.union([
  z.strictObject({
    applied: z.boolean(),
    read: z.array(z.strictObject({ by: text, tables: z.array(z.strictObject({ name: text, rules: count })) })),
    sets: texts,
    stays: texts,
    makes: z.strictObject({ tables: texts, rules: count }),
    proof,
    gate: z.boolean(),
    managers: z.array(z.strictObject({ name: text, insists: z.boolean(), advice: text, because: text })),
    restorers: z.array(z.strictObject({ name: text, path: text, mend: text })),
    notes: diagnostics,
    changes: z.array(z.strictObject({ phase: text, title: text })),
  }),
  z.strictObject({ read: z.array(z.never()), changes: z.array(z.never()) }),
  z.strictObject({ proof }),
]);

const changed = z.strictObject({
  changes: z.array(
    z.strictObject({
      phase: text,
      action: z.enum(['add', 'remove', 'change']),
      title: text,
      subject: orNull(text),
      because: orNull(text),
      elements: z.array(
        z.strictObject({ action: z.enum(['add', 'remove']), set: text, element: text, because: orNull(text) }),
      ),
      rules: z.array(z.strictObject({ action: z.enum(['add', 'remove']), table: text, chain: text, rule: text })),
    }),
  ),
  warnings: diagnostics,
});

const anything = z.record(z.string(), z.unknown());

/** By command; `error` is what each of them prints in its place when it could not do what was asked. */
export const SHAPES = {
  error: z.strictObject({ diagnostics }),
  compile: z.strictObject({ target: text, ruleset: text }),
  plan: changed,
  apply: changed,
  confirm: z.strictObject({ confirmed: count }),
  rollback: changed,
  history: z.strictObject({
    generations: z.array(
      z.strictObject({ generation: count, time: text, what: text, changes: texts, confirmed: z.boolean() }),
    ),
  }),
  recover: z.strictObject({
    interrupted: orNull(text),
    takenBack: orNull(count),
    restored: z.boolean(),
  }),
  status: z.strictObject({
    networks: z.array(
      z.strictObject({
        name: text,
        bridge: text,
        subnets: z.array(z.strictObject({ gateway: text, length: count })),
      }),
    ),
    containers: z.array(
      z.strictObject({ name: text, mode: text, addresses: texts, publishes: count, pid: orNull(count) }),
    ),
    drift: texts,
    pending: orNull(z.strictObject({ generation: count, secondsLeft: count })),
  }),
  port: z.strictObject({ ports: z.array(z.strictObject({ container: text, port: text, host: text })) }),
  inspect: z.union([
    z.strictObject({
      kind: z.literal('container'),
      source: text,
      intent: anything,
      sandbox: orNull(anything),
      leases: z.strictObject({
        addresses: z.record(z.string(), text),
        ports: z.record(z.string(), count),
      }),
      files: orNull(text),
      pid: orNull(count),
    }),
    z.strictObject({ kind: z.literal('network'), source: text, intent: anything, bridge: orNull(anything) }),
  ]),
  rm: z.strictObject({ removed: texts }),
  down: changed,
  why,
  test: z.strictObject({ expectations }),
  prove,
  migrate: z.union([migrated, switched]),
  fmt: z.strictObject({ changed: texts }),
  doctor: z.strictObject({
    findings: z.array(
      z.strictObject({
        name: text,
        state: z.enum(['good', 'bad', 'note']),
        message: text,
        mend: z.optional(text),
      }),
    ),
  }),
} as const;
