import type { Origin } from '../../dsl/core/origin';

/** One run of a tool: the text for its standard input, and the origin of each line to explain a refusal with. */
export interface LoadUnit {
  readonly tool: 'nft' | 'iptables-restore' | 'ip6tables-restore' | 'ipset';
  readonly text: string;
  readonly lines: readonly (Origin | undefined)[];
}

/** Collects lines together with their origins. */
export class LineWriter {
  private readonly texts: string[] = [];
  private readonly origins: (Origin | undefined)[] = [];

  push(text: string, origin?: Origin): void {
    this.texts.push(text);
    this.origins.push(origin);
  }

  finish(tool: LoadUnit['tool']): LoadUnit {
    return { tool, text: this.texts.map((text) => `${text}\n`).join(''), lines: this.origins };
  }
}

/** What to say of a node's origin in a comment, or undefined to say nothing. */
export type Explain = (origin: Origin) => string | undefined;

/** Two texts, one after the other. */
export function joined(first: LoadUnit, second: LoadUnit): LoadUnit {
  return { tool: second.tool, text: first.text + second.text, lines: [...first.lines, ...second.lines] };
}
