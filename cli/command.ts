/** What a flag takes and says; the parser, `--help` and completion are made from it. */
export interface Flag {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What the value is called in the help: `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** After the command's name: `FILE...`. */
  readonly usage: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** How many words it takes beside its flags; and what they are, where `usage` does not name FILE, NAME or SHELL. */
  readonly words: { readonly least: number; readonly most: number; readonly are?: 'files' | 'question' };
  /** What stands for what in `usage`. */
  readonly terms?: readonly (readonly [term: string, meaning: string])[];
  /** Whether a command of the user's follows after `--`. */
  readonly takesCommand?: boolean;
  readonly examples: readonly string[];
  load(): Promise<CommandModule>;
}

export interface CommandModule {
  /** Gives the exit code. `commands` are all that there are. */
  execute(invocation: Invocation, commands: readonly Command[]): Promise<number>;
}

/** A command line, parsed. */
export interface Invocation {
  readonly flags: Flags;
  readonly words: readonly string[];
  /** What stood after `--`. */
  readonly command: readonly string[];
}

export class Flags {
  constructor(
    private readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>,
  ) {}

  has(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  }
}

export const EXIT = { done: 0, input: 1, usage: 2, refused: 3, difference: 4, bug: 70 } as const;

/** What each exit code says, for the help, the manual and docs/results.md. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done'],
  [EXIT.input, 'the input is wrong'],
  [EXIT.usage, 'the command line is wrong'],
  [EXIT.refused, 'the host refused, and is as it was before'],
  [EXIT.difference, 'a difference was found'],
  [EXIT.bug, 'a bug of tsnet'],
];

/** A command line that makes no sense; shown with a pointer to the help, exit code 2. */
export class UsageError extends Error {}

export const GLOBAL_FLAGS: Readonly<Record<string, Flag>> = {
  state: { type: 'string', value: 'DIR', help: 'where tsnet keeps its state (TSNET_STATE, or /var/lib/tsnet)' },
  json: { type: 'boolean', help: 'print JSON' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};
