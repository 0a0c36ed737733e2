import type { Result } from '../../runtime/host/fault';
import type { MemoryHost } from '../../runtime/host/memory';
import { type Host, type HostOp, partsOf, type Stopped } from '../../runtime/host/port';
import { encodeMark, type Mark } from '../../runtime/journal/entry';
import type { JournalStore } from '../../runtime/journal/store';

/** What a process that is killed throws: nothing of ours catches it. */
export class Killed extends Error {}

/** Counts whatever changes the world, and kills at the n-th: before it takes effect, or after. */
export class Executioner {
  private count = 0;

  constructor(
    private readonly at = Number.POSITIVE_INFINITY,
    private readonly when: 'before' | 'after' = 'before',
  ) {}

  get counted(): number {
    return this.count;
  }

  async around<T>(action: () => Promise<T>): Promise<T> {
    const strikes = this.count++ === this.at;
    if (strikes && this.when === 'before') throw new Killed();
    const result = await action();
    if (strikes) throw new Killed();
    return result;
  }
}

/** A host whose every operation the executioner sees. */
export function mortal(host: MemoryHost, executioner: Executioner): Host {
  return new Proxy(host, {
    get(target, key) {
      if (key !== 'perform') {
        const value = Reflect.get(target, key) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (ops: readonly HostOp[]): Promise<Result<void, Stopped>> => {
        for (const [performed, op] of ops.entries())
          for (const part of partsOf(op)) {
            const result = await executioner.around(() => target.perform([part]));
            if (!result.ok) return { ok: false, fault: { ...result.fault, performed } };
          }
        return { ok: true, value: undefined };
      };
    },
  });
}

/** A journal in memory; it stays when its process is killed. */
export class MemoryJournal implements JournalStore {
  readonly path = '/state/journal';
  private text: string | undefined;

  constructor(private executioner = new Executioner()) {}

  /** The same journal, seen by the next process. */
  under(executioner: Executioner): this {
    this.executioner = executioner;
    return this;
  }

  read(): string | undefined {
    return this.text;
  }

  begin(pieces: Iterable<string>): Promise<void> {
    return this.executioner.around(async () => {
      this.text = [...pieces].join('');
    });
  }

  mark(mark: Mark): Promise<void> {
    return this.executioner.around(async () => {
      const { text, offset } = encodeMark(mark);
      const now = this.text ?? '';
      this.text = now.slice(0, offset) + text + now.slice(offset + text.length);
    });
  }

  end(): Promise<void> {
    return this.executioner.around(async () => {
      this.text = undefined;
    });
  }
}
