import type { ForeignRule, ForeignTable, ForeignVerdict, Probe, Truth } from './chains';
import { inState, inSubnet, not, onInterface, undecided } from './conditions';

/** The filter table of what iptables-save prints; the other tables drop nothing that matters here. */
export function readFilter(
  save: string,
  tool: 'iptables' | 'ip6tables',
  variant: 'legacy' | 'nf_tables',
): ForeignTable | undefined {
  const section = /^\*filter\n([\s\S]*?)^COMMIT/m.exec(save)?.[1];
  if (section === undefined) return undefined;
  const chains = new Map<string, ForeignRule[]>();
  let policy: 'accept' | 'drop' = 'accept';
  for (const line of section.split('\n')) {
    const [, chain = '', verdict] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain === 'FORWARD' && verdict === 'DROP') policy = 'drop';
    // Our own chains of the target that is left are no obstacle: they go.
    if (line.startsWith('-A ') && !/ -[jg] TSNET-/.test(line)) {
      const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
      const name = words[1] ?? '';
      chains.set(name, [...(chains.get(name) ?? []), readRule(words.slice(2))]);
    }
  }
  const family = tool === 'iptables' ? 4 : 6;
  return { name: `${tool}'s filter`, tool, family, variant, chains, bases: [{ chain: 'FORWARD', policy }] };
}

/** Modules whose options are read, or leave a rule undecided one by one. */
const READ = ['conntrack', 'state', 'addrtype', 'comment', 'tcp', 'udp', 'icmp', 'icmp6'];

function readRule(words: readonly string[]): ForeignRule {
  const conditions: ((probe: Probe) => Truth)[] = [];
  let verdict: ForeignVerdict = { kind: 'next' };
  let denied = false;
  for (let at = 0; at < words.length; at++) {
    const [word = '', value = ''] = [words[at], words[at + 1]];
    const add = (condition: (probe: Probe) => Truth) => {
      conditions.push(denied ? not(condition) : condition);
      denied = false;
      at++;
    };
    if (word === '!') denied = true;
    else if (word === '-i') add(onInterface('in', value));
    else if (word === '-o') add(onInterface('out', value));
    else if (word === '-s') add(inSubnet('from', value));
    else if (word === '-d') add(inSubnet('to', value));
    else if (word === '--ctstate' || word === '--state') add(inState(value.split(',')));
    // What is forwarded goes to no address of the host.
    else if (word === '--dst-type') add(() => (value === 'LOCAL' ? false : 'unknown'));
    else if (word === '--comment') at++;
    else if (word === '-m') {
      if (!READ.includes(value)) conditions.push(undecided);
      at++;
    } else if (word === '-p') add(() => ['tcp', '6', 'all', '0'].includes(value));
    else if (word.startsWith('--')) conditions.push(undecided);
    else if (word === '-j' || word === '-g') {
      verdict = verdictOf(word, value);
      break;
    }
  }
  return { conditions, verdict, text: words.join(' ') };
}

function verdictOf(word: string, target: string): ForeignVerdict {
  if (target === 'ACCEPT') return { kind: 'accept' };
  if (target === 'DROP' || target === 'REJECT') return { kind: 'drop' };
  if (target === 'RETURN') return { kind: 'return' };
  if (['LOG', 'NFLOG', 'MARK', 'CONNMARK', 'TCPMSS', 'TRACE', 'CT', 'SET'].includes(target)) return { kind: 'next' };
  if (['NFQUEUE', 'QUEUE'].includes(target)) return { kind: 'unknown' };
  return { kind: word === '-g' ? 'goto' : 'jump', chain: target };
}
