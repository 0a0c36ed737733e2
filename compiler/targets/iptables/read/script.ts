import type { Source, Span } from '../../../../dsl/core/source';
import type { XtFamily } from '../tables';
import { TABLE_NAMES } from './built-in';
import { type Call, callOf } from './commands';
import { familyOfName } from './kind';
import { type Reports, RUN_IT } from './reports';
import type { KnownFamily } from './sections';
import { CALLED, type ShellCommand, ShellReader, type ShellWord } from './shell';

/** A call of iptables in a script. */
export interface ScriptCall {
  readonly program: XtFamily;
  readonly table: string;
  readonly call: Call;
  readonly span: Span;
  /** `iptables -C ... || iptables -A ...`: only where there is no such rule. */
  readonly unless: Call | undefined;
  /** Why only a shell can tell what it does. */
  readonly lost: string | undefined;
}

/** Words of the shell that make commands after them depend on something, or repeat. */
const CONTROL = new Set(
  'if then else elif fi for while until do done case esac select function { } ( ) return break continue'.split(' '),
);
/** What has no part in the rules. */
const IDLE = new Set(
  'echo printf set unset true : sleep modprobe insmod which cd umask trap exit [ [[ test'.split(' '),
);

/** The calls of a script that a shell would run one after the other; what depends on more than its text is an error. */
export function scriptCalls(
  source: Source,
  { family, otherwise }: KnownFamily,
  reports: Reports,
): readonly ScriptCall[] {
  const calls: ScriptCall[] = [];
  const reader = new ScriptReader(family ?? otherwise ?? familyOfName(source.name) ?? 'ip', reports);
  for (const command of new ShellReader(source).commands()) {
    if (command.words[0]?.text === 'exit' && command.after === '') break;
    const call = reader.call(command);
    if (call) calls.push(call);
  }
  reader.finish();
  return reader.branches ? [] : calls;
}

class ScriptReader {
  /** Whether calls depend on what a shell would find, or repeat: then none of them is taken. */
  branches = false;
  private before: { readonly program: XtFamily | undefined; readonly call: Call | undefined } | undefined;
  private readonly said = new Set<string>();
  private readonly others: ShellCommand[] = [];

  constructor(
    private readonly told: XtFamily,
    private readonly reports: Reports,
  ) {}

  call(command: ShellCommand): ScriptCall | undefined {
    const { after, span } = command;
    const words = command.words[0]?.text === 'sudo' ? command.words.slice(1) : command.words;
    const [first] = words;
    if (!first) return undefined;
    const { before } = this;
    const program = this.programOf(words);
    const call = program && callOf(words.slice(1));
    this.before = { program, call };
    if (!program) {
      this.other(command, first);
      return undefined;
    }
    const unless = after === '||' && before?.call?.verb === 'check' ? before.call : undefined;
    if ((after === '||' && !unless) || (after === '&&' && !before?.program)) {
      this.branches = true;
      this.shellOnly(`whether this is run depends on what stands before \`${after}\``, span);
      return undefined;
    }
    const open = words.find(({ unknown }, at) => at > 0 && unknown !== undefined);
    const lost = open && `only the shell that runs the script knows \`${open.unknown}\``;
    if (open && lost !== undefined) this.shellOnly(lost, open.span);
    if (!call) {
      this.reports.error('TN1201', 'this call of iptables does not say what to do', span);
      return undefined;
    }
    const table = call.table?.text ?? 'filter';
    if (!TABLE_NAMES.includes(table)) {
      this.reports.error('TN1201', `\`${table}\` is not a table of iptables`, (call.table ?? first).span);
      return undefined;
    }
    if (call.verb === 'check' || call.verb === 'look') return undefined;
    return { program, table, call, span, unless, lost };
  }

  /** Commands that are no rules, said once: whoever loads the rules still has to run them. */
  finish(): void {
    const [first, ...more] = this.others;
    if (!first) return;
    const { source, start } = first.span;
    const line = source.text.slice(start).split('\n', 1)[0]?.trim() ?? '';
    const message =
      more.length === 0
        ? `\`${line}\` makes no rules, and is not migrated`
        : `\`${line}\` and ${more.length} more of its commands make no rules, and are not migrated`;
    this.reports.warn('TN4003', message, first.span);
  }

  /** The family of a call of iptables, by its path or by a variable that is called like it. */
  private programOf([first, second]: readonly ShellWord[]): XtFamily | undefined {
    if (!first) return undefined;
    const named = /(?:^|\/)ip(6?)tables(?:-legacy|-nft)?$/.exec(first.text);
    if (named) return named[1] === '6' ? 'ip6' : 'ip';
    if (first.unknown === undefined || first.unknown !== first.text || !second?.text.startsWith('-')) return undefined;
    if (/6/.test(first.text)) return 'ip6';
    return /ip|fw|tables/i.test(first.text) ? this.told : undefined;
  }

  private other(command: ShellCommand, first: ShellWord): void {
    const name = first.text.replace(/^.*\//, '');
    if (CONTROL.has(name) || /^\w+\(\)/.test(name) || command.words[1]?.text === '()' || /^[(){}]/.test(name))
      this.control(first);
    else if (/^(ip6?tables|ipset|nft)(-\w+)*$/.test(name))
      this.shellOnly(`\`${name}\` is not read from a script`, first.span);
    else if (!IDLE.has(name) && (/^-[AINPR]$/.test(name) || command.words.some(({ text }) => CALLED.test(text))))
      this.shellOnly(`only a shell can tell what \`${name}\` does with iptables`, first.span);
    else if (!IDLE.has(name) || /^\/(proc|sys)\//.test(command.writes ?? '')) this.others.push(command);
  }

  private control({ text, span }: ShellWord): void {
    if (!this.branches)
      this.shellOnly(`only a shell can tell what \`${text}\` leads to: no rule of the script is read`, span);
    this.branches = true;
  }

  private shellOnly(message: string, span: Span): void {
    if (this.said.has(message)) return;
    this.said.add(message);
    this.reports.error('TN4003', message, span, RUN_IT);
  }
}
