import type { Described, Proof, ProvenPlane } from '../compiler/prove';

/** What one side does with a packet, and the rule that decides it. */
export interface SideText {
  readonly verdict: string;
  readonly seen: readonly string[];
  readonly chain: string | null;
  readonly rule: string | null;
}

const NAMES: Readonly<Record<ProvenPlane, string>> = { ip: 'IPv4', ip6: 'IPv6', bridge: 'frames', arp: 'ARP' };

/**
 * A proof for a person: that two rulesets are equal, or a packet and what each does with it. `words` name the sides; `more`:
 * they differ in further ways.
 */
export function proofText(
  { plane, comparison, differences, more = false }: Proof & { readonly more?: boolean },
  words: readonly string[],
  text: (side: Described['first'], index: number) => SideText,
  askable = true,
): string {
  const family = NAMES[plane];
  switch (comparison.kind) {
    case 'equal':
      return `${family}: equal for every packet\n`;
    case 'too large':
      return `${family}: not proven: more than ${comparison.cap} decisions would have to be told apart\n`;
    case 'different': {
      const lines = differences.flatMap(({ journey, packet, question, first, second }) => [
        `${family}: different for this packet (${journey}): ${packet.join(', ') || 'any'}`,
        ...[first, second].map((side, index) => {
          const { verdict, seen, chain, rule } = text(side, index);
          const by = rule ?? (chain === null ? undefined : `chain ${chain}`);
          return `  ${words[index]}: ${[verdict, ...seen].join('; ')}${by === undefined ? '' : `   by ${by}`}`;
        }),
        ...(question && askable
          ? [`  tsnet why --rules-only -f ${words[0]} ${question.map(shellWord).join(' ')}`]
          : []),
      ]);
      if (more) lines.push(`${family}: there are more, of which these are the first ${differences.length}`);
      return `${lines.join('\n')}\n`;
    }
  }
}

/** For a shell to read as one word. */
export function shellWord(word: string): string {
  return /^[\w.:,=/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
