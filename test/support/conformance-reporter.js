/**
 * Gathers the live tests whose names are promises into a table: promise by target, setting of bridge netfilter and family.
 * Prints it, and compares it with docs/conformance.md when all of the suite ran; UPDATE_CONFORMANCE=1 writes that anew.
 */
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const PAGE = join(__dirname, '../../docs/conformance.md');
const LIVE = join(__dirname, '../live');
const COLUMNS = ['nft', 'iptables'].flatMap((target) =>
  [0, 1].flatMap((bridgeNetfilter) => [4, 6].map((family) => `${target} ${bridgeNetfilter} IPv${family}`)),
);
const INTRODUCTION = `# Conformance

What tsnet promises on the wire, and where a live test has shown it with real packets: for each
target, with \`net.bridge.bridge-nf-call-iptables\` at 0 and at 1, for each family. \`npm test\` runs them all on hosts of its own,
and fails when this page is not what they say; \`UPDATE_CONFORMANCE=1 npm test\` writes it. Tests of what is refused take the
rule that refuses it out and see the same packet pass.
`;

class ConformanceReporter {
  onRunComplete(_, { testResults }) {
    const tests = testResults.flatMap((file) => file.testResults).filter(({ title }) => /^W\d+ /.test(title));
    if (tests.length === 0) return;
    const rows = new Map();
    for (const { title, ancestorTitles, status } of tests) {
      const [, promise, families] = /^(.*?)(?: \[(IPv[46](?:, IPv[46])?)\])?$/.exec(title);
      const where = ancestorTitles.join(' ');
      const only = [/target (\w+)/.exec(where)?.[1], /bridge-nf-call-iptables ([01])/.exec(where)?.[1]];
      const row = rows.get(promise) ?? new Map();
      rows.set(promise, row);
      for (const column of COLUMNS) {
        const [target, bridgeNetfilter, family] = column.split(' ');
        if ((only[0] ?? target) !== target || (only[1] ?? bridgeNetfilter) !== bridgeNetfilter) continue;
        if (families && !families.includes(family)) continue;
        const counts = row.get(column) ?? { passed: 0, failed: 0, left: 0 };
        counts[status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'left']++;
        row.set(column, counts);
      }
    }
    const page = this.page(rows);
    process.stderr.write(`\n${page.slice(page.indexOf('| promise'))}\n`);
    const ran = new Set(testResults.map(({ testFilePath }) => testFilePath));
    const whole = readdirSync(LIVE).filter((name) => name.endsWith('.test.ts'));
    if (tests.some(({ status }) => status !== 'passed') || !whole.every((name) => ran.has(join(LIVE, name)))) return;
    if (process.env.UPDATE_CONFORMANCE === '1') writeFileSync(PAGE, page);
    else if (readFileSync(PAGE, 'utf8') !== page)
      this.error = new Error('docs/conformance.md is not current: UPDATE_CONFORMANCE=1 npm test');
  }

  page(rows) {
    const number = (promise) => Number(/\d+/.exec(promise)[0]);
    const sorted = [...rows].sort(([a], [b]) => number(a) - number(b) || (a < b ? -1 : 1));
    const cell = (counts) => (!counts ? '–' : counts.failed > 0 ? 'FAILED' : counts.left > 0 ? 'not run' : '✓');
    const lines = sorted.map(
      ([promise, row]) => `| ${promise} | ${COLUMNS.map((column) => cell(row.get(column))).join(' | ')} |`,
    );
    const heads = COLUMNS.map((column) => column.replace(/ ([01]) /, ', $1, '));
    return `${INTRODUCTION}
| promise | ${heads.join(' | ')} |
| --- |${' --- |'.repeat(COLUMNS.length)}
${lines.join('\n')}

A dash: the promise has no meaning there, or is tried elsewhere. The kernel has no way to translate to or from the IPv6
loopback address, so what is said of 127.0.0.1 is said of IPv4 alone; ARP is IPv4's, neighbour discovery IPv6's; rulesets of
others are met on one setting.
`;
  }

  getLastError() {
    return this.error;
  }
}

module.exports = ConformanceReporter;
