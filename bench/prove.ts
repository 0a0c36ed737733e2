/** How long it takes to read and compare two dumps that differ in one rule, by their number of rules. */
import { prove } from '../compiler/prove';
import { readDump } from '../compiler/targets/iptables/read';

function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state >> 8) % below;
  };
}

function dumpOf(rules: readonly string[]) {
  const outcome = readDump({ name: 'rules', text: `*filter\n:FORWARD DROP\n${rules.join('\n')}\nCOMMIT\n` }, 'ip');
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return { tables: outcome.value };
}

for (const count of [500, 1000, 2000, 5000, 10000]) {
  const below = pseudoRandom(7);
  const rules = Array.from({ length: count }, () => {
    const from = `10.${below(64)}.${below(256)}.0/24`;
    const to = `172.16.${below(32)}.${below(256)}`;
    const port = 1 + below(2000);
    return `-A FORWARD -s ${from} -d ${to} -p ${below(2) ? 'tcp' : 'udp'} --dport ${port} -j ${below(4) ? 'ACCEPT' : 'DROP'}`;
  });
  const changed = rules.findIndex((rule, index) => index >= count / 2 && rule.endsWith('ACCEPT'));
  const others = rules.with(changed, (rules[changed] ?? '').replace(/--dport \d+/, '--dport 2001'));
  const start = performance.now();
  const [first, second] = [dumpOf(rules), dumpOf(others)];
  const read = performance.now();
  const [proof] = prove(first, second, ['ip'], { ignore: new Set(), cap: 4_000_000, most: 1 });
  const end = performance.now();
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  const times = `read ${Math.round(read - start)} ms, compared ${Math.round(end - read)} ms`;
  process.stdout.write(`${count} rules: ${proof?.comparison.kind}, ${times}, ${memory} MB in all\n`);
}
