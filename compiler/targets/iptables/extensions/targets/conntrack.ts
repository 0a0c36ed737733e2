import { flags, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, NamedObject, Statement } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import { BOTH, type Meaning, type Module, means, type Options, wrong } from '../module';
import { wholeNumber } from '../values';

const ONE = { values: 1 } as const;
const PLACE = { tables: ['raw'], hooks: ['PREROUTING', 'OUTPUT'] } as const;

export const NOTRACK: Module = {
  name: 'NOTRACK',
  families: BOTH,
  ...PLACE,
  options: {},
  read: () => means({ kind: 'notrack' }),
};

/** Events of conntrack, as nft calls them. */
const EVENTS: Readonly<Record<string, string>> = {
  new: 'new',
  related: 'related',
  destroy: 'destroy',
  reply: 'reply',
  assured: 'assured',
  protoinfo: 'protoinfo',
  helper: 'helper',
  mark: 'mark',
  natseqinfo: 'seqadj',
  secmark: 'secmark',
};

const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp' };

function helperMeaning(helper: string, family: XtFamily, protocol: number | undefined): Meaning {
  const of = PROTOCOLS[protocol ?? 0];
  if (!of) return wrong('`--helper` needs `-p tcp` or another protocol with ports');
  if (!/^[\w.-]{1,15}$/.test(helper)) return wrong(`\`${helper}\` is not a helper of conntrack`);
  const name = `${helper}-${of}`;
  const object: NamedObject = {
    kind: 'ct helper',
    name,
    helper,
    protocol: of,
    l3: family,
    origin: { kind: 'program' },
  };
  return { ...means({ kind: 'object', object: 'ct helper', name }), objects: [object] };
}

function zoneStatement(options: Options): Statement | undefined | 'mark' | 'bad' {
  const given = options.all.find(({ name }) => name.startsWith('--zone'));
  if (!given) return undefined;
  const text = given.values[0] ?? '';
  if (text === 'mark') return 'mark';
  const zone = wholeNumber(text, 65535n);
  if (zone === undefined) return 'bad';
  const direction = given.name === '--zone-orig' ? 'original' : given.name === '--zone-reply' ? 'reply' : undefined;
  const target: Expression = { kind: 'ct', key: 'zone', ...(direction ? { direction } : {}) };
  return { kind: 'assign', target, value: number(zone) };
}

export const CT: Module = {
  name: 'CT',
  families: BOTH,
  ...PLACE,
  options: {
    '--notrack': { values: 0 },
    '--helper': ONE,
    '--timeout': ONE,
    '--ctevents': ONE,
    '--expevents': ONE,
    '--zone': ONE,
    '--zone-orig': ONE,
    '--zone-reply': ONE,
  },
  read(options, { family, protocol }): Meaning {
    if (options.has('--notrack')) return means({ kind: 'notrack' });
    if (options.has('--timeout'))
      return {
        kind: 'impossible',
        reason: 'the times of the policy are known to `nfct`, not to the dump',
        mend: '`nfct get timeout NAME` tells them: write `ct timeout NAME { ... }` by hand, and `ct timeout set "NAME"` in the rule',
      };
    if (options.has('--expevents'))
      return { kind: 'impossible', reason: 'nft does not choose the events of expectations' };
    const zone = zoneStatement(options);
    if (zone === 'bad') return wrong('a zone is a number up to 65535', options.all[0]?.span);
    if (zone === 'mark') return { kind: 'impossible', reason: 'nft does not take a zone from the mark' };
    const helper = options.value('--helper');
    const asked = helper === undefined ? means() : helperMeaning(helper, family, protocol);
    if (asked.kind !== 'means') return asked;
    const names = options.value('--ctevents')?.split(',');
    const events = names?.map((name) => EVENTS[name]) ?? [];
    if (events.includes(undefined)) return wrong(`not events of conntrack`, options.find('--ctevents')?.span);
    if (events.includes('helper'))
      return { kind: 'impossible', reason: 'nft 1.0.6 cannot name the event `helper`, its own word' };
    const event: Statement[] = names
      ? [{ kind: 'assign', target: { kind: 'ct', key: 'event' }, value: flags(...(events as string[])) }]
      : [];
    return { ...asked, statements: [...(zone ? [zone] : []), ...asked.statements, ...event] };
  },
};
