import type { Step } from '../plan/step';

/**
 * Hears what a transaction is about to do, before it does it, so that another process can finish or undo it. Recovery
 * reads it; a journal that keeps nothing gives up only that.
 */
export interface Journal {
  begin(steps: readonly Step[]): Promise<void>;
  /** Before the step with this index is performed. */
  reached(index: number): Promise<void>;
  end(outcome: 'applied' | 'undone'): Promise<void>;
}

export const NO_JOURNAL: Journal = {
  begin: async () => undefined,
  reached: async () => undefined,
  end: async () => undefined,
};
