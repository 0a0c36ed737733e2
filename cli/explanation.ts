import type { Explanation, Hooked, Ruled } from '../compiler/why';

/** A packet's way for people: what became of it, because of which lines, and the rules that it met. */
export function explanationText(explanation: Explanation): string {
  const { packet, outcome, path, answer, remarks, allowances } = explanation;
  const lines = [`${packet}`, `  ${outcome.text}`];
  for (const origin of explanation.because) lines.push(`  because of ${origin}`);
  for (const remark of remarks) lines.push(`  ${remark}`);
  if (answer) lines.push(`  the answer ${answerText(answer)}`);
  for (const allowance of allowances) lines.push(`  ${allowanceText(allowance)}`);
  lines.push('', ...pathLines(path));
  if (answer && !answer.comesBack) lines.push('the answer', ...pathLines(answer.path));
  return `${lines.join('\n')}\n`;
}

/** `to let it in, add: allow web -> db tcp 5432` */
export function allowanceText({ text, reaches }: Explanation['allowances'][number]): string {
  return `to ${reaches === null ? 'let it in' : `reach ${reaches}`}, ${text}`;
}

function answerText(answer: NonNullable<Explanation['answer']>): string {
  if (answer.comesBack) return 'comes back';
  return answer.outcome.kind === 'delivered'
    ? `comes back from elsewhere: it ${answer.outcome.text}`
    : answer.outcome.text;
}

/** Hooks with no rule for the packet are left out: nothing happens there. */
function pathLines(path: readonly Hooked[]): string[] {
  const met = path.filter(({ rules }) => rules.length > 0);
  if (met.length === 0) return ['no rule is met on the way', ''];
  const all = met.flatMap(({ rules }) => rules);
  const [effects, chains] = [widest(all.map(({ effect }) => effect)), widest(all.map(({ chain }) => chain))];
  return met.flatMap(({ hook, in: into, out, rules }) => {
    const way = [into === null ? '' : ` in by ${into}`, out === null ? '' : ` out by ${out}`]
      .join(',')
      .replace(/^,|,$/g, '');
    return [`${hook}${way}`, ...rules.flatMap((rule) => ruleLines(rule, effects, chains)), ''];
  });
}

function ruleLines({ effect, chain, rule, elements, origins }: Ruled, effects: number, chains: number): string[] {
  const indent = ' '.repeat(effects + chains + 6);
  return [
    `  ${effect.padEnd(effects)}  ${chain.padEnd(chains)}  ${rule}`,
    ...elements.map((element) => `${indent}found: ${element}`),
    ...origins.map((origin) => `${indent}from ${origin}`),
  ];
}

const MOST = 40;

function widest(texts: readonly string[]): number {
  return Math.min(MOST, Math.max(...texts.map(({ length }) => length)));
}
