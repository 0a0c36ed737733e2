import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, print } from '../../compiler';
import { check, formatText } from '../../compiler/format';
import { renderDiagnostics } from '../../dsl/core/render';

const ROOT = join(__dirname, '../..');

/** Texts to start from: every golden and every example of the error pages. */
export function seeds(): string[] {
  const golden = join(ROOT, 'test/golden');
  const goldens = readdirSync(golden)
    .filter((file) => file.endsWith('.tsnet'))
    .map((file) => readFileSync(join(golden, file), 'utf8'));
  const examples = [
    ...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^```(?:tsnet|json)\n([\s\S]*?)^```$/gm),
  ];
  return [...goldens, ...examples.map(([, text = '']) => text)];
}

/** A word outside of strings and comments that only rule text of a user's own may bring in. */
const INTRUDERS = /delete table inet tsnet$|\$\(|`/m;

/**
 * Compiles a text that may be anything, as all commands do. Gives what is wrong with what came of it; a throw is ours.
 */
export function judge(text: string): string | undefined {
  const source = { name: 'hostile.tsnet', text };
  const outcome = compile([source]);
  if (!outcome.ok) {
    const rendered = renderDiagnostics(outcome.diagnostics, { color: false });
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(rendered)) return 'a control character in a message';
    return rendered.length > 200_000 ? 'an endless message' : undefined;
  }
  if (check(source).length === 0) {
    const once = formatText(source);
    if (formatText({ ...source, text: once }) !== once) return 'formatting twice changes something';
  }
  for (const target of ['nft', 'iptables'] as const) {
    const printed = print(outcome.value, target, { explain: true });
    if (!printed.ok) continue;
    const code = printed.value.text
      .replace(/"[^"\n]*"/g, '')
      .replace(/#.*/g, '')
      .replace(/^delete table inet tsnet$/m, '');
    if (INTRUDERS.test(code)) return `text from input in the ${target} ruleset`;
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(printed.value.text)) return 'a control character in a ruleset';
  }
  return undefined;
}
