import { SCAFFOLD } from '../../../compiler/migrate/passes/scaffold';
import { readDumps } from '../../../compiler/targets/iptables/read';
import { tableText } from '../../../compiler/targets/nft/print';

/** The chain `INPUT`, and the names of the others, after the pass. */
function after(rules: string): { readonly input: readonly string[]; readonly others: readonly string[] } {
  const chains = new Set(
    [...rules.matchAll(/-[Ajg] (\S+)/g)].map(([, name]) => name).filter((name) => /^[a-z]/.test(name ?? '')),
  );
  const declared = [...chains].map((name) => `:${name} - [0:0]\n`).join('');
  const text = `*filter\n:INPUT ACCEPT [0:0]\n${declared}${rules}\nCOMMIT\n`;
  const [table] = SCAFFOLD.run(readDumps([{ source: { name: 'x', text } }]).tables, () => undefined);
  const [input, ...others] = table?.chains ?? [];
  if (!table || !input) throw new Error('no table');
  const lines = tableText({ ...table, chains: [input] })
    .split('\n')
    .map((line) => line.trim());
  return { input: lines.slice(3, -3), others: others.map(({ name }) => name) };
}

test("rules of ufw's places stand where they were led to, below their names", () => {
  expect(
    after(`-A INPUT -j ufw-before-input
-A INPUT -j ufw-after-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -s 10.0.0.1 -j ACCEPT
-A ufw-after-input -s 10.0.0.2 -j ufw-skip-to-policy-input
-A ufw-skip-to-policy-input -j DROP`),
  ).toEqual({
    input: [
      '# ufw-before-input',
      'iifname "lo" accept',
      '# ufw-user-input',
      'ip saddr 10.0.0.1 accept',
      '# ufw-after-input',
      'ip saddr 10.0.0.2 drop',
    ],
    others: [],
  });
});

test.each([
  ['ends early', '-A INPUT -j ufw-user-input\n-A ufw-user-input -s 10.0.0.1 -j RETURN\n-A ufw-user-input -j DROP'],
  ['goes elsewhere', '-A INPUT -j ufw-user-input\n-A ufw-user-input -g elsewhere\n-A elsewhere -j DROP'],
  ['is led to twice', '-A INPUT -j ufw-user-input\n-A INPUT -j ufw-user-input\n-A ufw-user-input -s 10.0.0.1 -j DROP'],
  [
    'is led to by some',
    '-A INPUT -s 10.0.0.1 -j ufw-user-input\n-A ufw-user-input -s 10.0.0.2 -j DROP\n-A ufw-user-input -j LOG',
  ],
  ['is led to for good', '-A INPUT -g ufw-user-input\n-A ufw-user-input -s 10.0.0.2 -j DROP'],
  ['is the administrator’s own', '-A INPUT -j mine\n-A mine -s 10.0.0.2 -j DROP'],
])('a chain that %s stays', (_, rules) => {
  expect(after(rules).others.length).toBeGreaterThan(0);
});
