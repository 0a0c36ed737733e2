import type { XtFamily } from '../tables';
import { familyOfName } from './kind';

/** A line that is none of a dump's, and stands around one that was pasted from a terminal or is part of a script. */
export interface AroundDump {
  /** Whose dump follows. */
  readonly family: XtFamily | undefined;
  /** The line that ends the dump, of a here-document. */
  readonly end?: string;
  /** Whether a shell puts its variables into the dump. */
  readonly expands?: boolean;
}

/** `[root@server ~]# iptables-save`, `admin@host:~$`, `$ sudo ip6tables-save -c`. */
const PROMPT =
  /^(?:\[?[\w.-]+@[\w.-]+[^#$>]*[#$>]|[#$>%])\s*(?:sudo\s+)?(?:(?:\S*\/)?ip(6?)tables(?:-legacy|-nft)?-save\b.*)?$/;
const FENCE = /^(```|~~~)\s*\w*$/;
/** `iptables-restore <<EOF`, `cat > /etc/iptables/rules.v6 <<'EOF'`. */
const HERE_DOCUMENT = /<<-?\s*(['"\\]?)(\w+)['"]?/;

export function aroundDump(line: string): AroundDump | undefined {
  const prompt = PROMPT.exec(line);
  if (prompt) return { family: prompt[1] === undefined ? undefined : prompt[1] === '6' ? 'ip6' : 'ip' };
  if (FENCE.test(line)) return { family: undefined };
  const [, quote = '', end] = HERE_DOCUMENT.exec(line) ?? [];
  if (end === undefined) return undefined;
  const restored = /\bip(6?)tables(?:-legacy|-nft)?-restore\b/.exec(line);
  const family = restored ? (restored[1] === '6' ? 'ip6' : 'ip') : line.split(/\s+/).map(familyOfName).find(Boolean);
  return { family, end, expands: quote === '' };
}

/** What a shell would put a value in place of. */
export function expandedIn(line: string): string | undefined {
  return /(?<!\\)(\$\w+|\$[{(][^)}]*[)}]?|`[^`]*`)/.exec(line)?.[0];
}
