import { formatAddress } from '../../dsl/core/address';
import { type Random, randomly } from './random';

/**
 * Rules about random boxes over four fields, as text of nft's: the hardest that there is for decision diagrams, for which
 * any two rules overlap somewhere. Two in the middle of `swapped` stand the other way round.
 */
export function boxRules(count: number, swapped: boolean): string {
  const below = randomly(7);
  const rules = Array.from({ length: count }, (_, at) => boxRule(below, at % 2 === 0 ? 'drop' : 'accept'));
  if (swapped) {
    const [one = '', other = ''] = rules.splice(count / 2, 2);
    rules.splice(count / 2, 0, other, one);
  }
  return `table ip t {\n  chain forward {\n    type filter hook forward priority 0; policy drop;\n${rules.join('\n')}\n  }\n}\n`;
}

function boxRule(below: Random, verdict: string): string {
  const range = (most: number, text: (value: number) => string) => {
    const [first = 0, last = 0] = [below(most), below(most)].sort((a, b) => a - b);
    return `${text(first)}-${text(last + 1)}`;
  };
  const address = (value: number) => formatAddress({ family: 4, value } as never);
  const [source, destination] = [range(0xfffffffe, address), range(0xfffffffe, address)];
  const [from, to] = [range(65534, String), range(65534, String)];
  return `    ip saddr ${source} ip daddr ${destination} tcp sport ${from} tcp dport ${to} ${verdict}`;
}
