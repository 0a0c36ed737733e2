import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { anonymousSet, field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { CompareOp, Expression, Statement } from '../../../../../dsl/ruleset/tree';
import {
  type Around,
  BOTH,
  impossible,
  type Meaning,
  type Module,
  means,
  type OptionShape,
  perOption,
  wrong,
} from '../module';
import { tcpOption } from '../tcp-options';
import { isBackward, NEVER, portList, portNumber, portRange, wholeNumber } from '../values';
import { chunksMeaning } from './sctp';

const PORT: OptionShape = { values: 1, negatable: true };

const PORTS: Readonly<Record<string, OptionShape>> = {
  '--sport': PORT,
  '--source-port': { ...PORT, is: '--sport' },
  '--dport': PORT,
  '--destination-port': { ...PORT, is: '--dport' },
};

/** `-m tcp` without `-p` is no rule of iptables, but a clear one. */
function otherProtocol(name: PortProtocol, { protocol, excluded }: Around): Meaning | undefined {
  const right = !excluded && (protocol === undefined || WITH_PORTS[protocol] === name);
  return right ? undefined : wrong(`\`-m ${name}\` does not go with another protocol`);
}

type PortProtocol = 'tcp' | 'udp' | 'udplite' | 'sctp' | 'dccp';

/** Those of which iptables takes a range that ends before it begins, which no port lies in. */
const TAKES_BACKWARDS: readonly PortProtocol[] = ['udp', 'udplite', 'dccp'];

/** `! --sport` of old iptables stood for all ports where none was named; a port that is wrong is named. */
function portMatch(protocol: PortProtocol, side: string, given: string, op: CompareOp) {
  // libxt_udp.c alone takes numbers that are too large, of which it keeps the low half.
  const text = protocol === 'udp' && /^\d{5,10}$/.test(given) ? String(Number(given) & 0xffff) : given;
  if (TAKES_BACKWARDS.includes(protocol) && isBackward(text, portNumber)) return op === '==' ? means(NEVER) : means();
  const ports = portRange(text);
  if (!ports) return wrong(`\`${text}\` is not a port or a range of ports`);
  return isEveryPort(ports) && op === '=='
    ? means()
    : means(match(field(`${protocol} ${side === '--sport' ? 'sport' : 'dport'}` as FieldName), op, ports));
}

/** iptables does not even print what asks for every port. */
function isEveryPort(ports: Expression): boolean {
  return (
    ports.kind === 'range' &&
    ports.first.kind === 'number' &&
    ports.last.kind === 'number' &&
    ports.first.value === 0n &&
    ports.last.value === 65535n
  );
}

const FLAG_BITS: Readonly<Record<string, bigint>> = {
  FIN: 1n,
  SYN: 2n,
  RST: 4n,
  PSH: 8n,
  ACK: 16n,
  URG: 32n,
  ALL: 63n,
  NONE: 0n,
};

function flagSum(list: string): bigint | undefined {
  let sum = 0n;
  for (const name of list.toUpperCase().split(',')) {
    const bits = FLAG_BITS[name];
    if (bits === undefined) return undefined;
    sum |= bits;
  }
  return sum;
}

function flagsMatch(maskText: string, wantedText: string, op: CompareOp) {
  const [mask, wanted] = [flagSum(maskText), flagSum(wantedText)];
  if (mask === undefined || wanted === undefined)
    return wrong(
      `\`${mask === undefined ? maskText : wantedText}\` is not a list of SYN, ACK, FIN, RST, URG, PSH, ALL, NONE`,
    );
  if (mask === 0n) return wanted === 0n && op === '==' ? means() : means(NEVER);
  const left: Expression = { kind: 'binary', op: '&', left: field('tcp flags'), right: number(mask) };
  return means(match(left, op, number(wanted)));
}

function optionMeaning(text: string, negated: boolean): Meaning {
  const option = wholeNumber(text, 255n);
  return option === undefined || option === 0n
    ? wrong(`\`${text}\` is not an option of TCP: expected a number from 1 to 255`)
    : means(match(tcpOption(Number(option)), '==', { kind: 'exists', present: !negated }));
}

export const tcp: Module = perOption(
  {
    name: 'tcp',
    families: BOTH,
    options: {
      ...PORTS,
      '--syn': { values: 0, negatable: true },
      '--tcp-flags': { values: 2, negatable: true },
      '--tcp-option': { values: 1, negatable: true },
    },
  },
  ({ name, negated, values: [value = '', second = ''] }, around) => {
    const op = negated ? '!=' : '==';
    const amiss = otherProtocol('tcp', around);
    if (amiss) return amiss;
    switch (name) {
      case '--syn':
        return flagsMatch('FIN,SYN,RST,ACK', 'SYN', op);
      case '--tcp-flags':
        return flagsMatch(value, second, op);
      case '--tcp-option':
        return optionMeaning(value, negated);
      default:
        return portMatch('tcp', name, value, op);
    }
  },
);

function portsOnly(protocol: PortProtocol): Module {
  return perOption(
    { name: protocol, families: BOTH, options: PORTS },
    ({ name, negated, values: [value = ''] }, around) =>
      otherProtocol(protocol, around) ?? portMatch(protocol, name, value, negated ? '!=' : '=='),
  );
}

export const udp = portsOnly('udp');
export const udplite = portsOnly('udplite');

export const sctp: Module = perOption(
  { name: 'sctp', families: BOTH, options: { ...PORTS, '--chunk-types': { values: 2, negatable: true } } },
  ({ name, negated, values: [value = '', second = ''] }, around) =>
    otherProtocol('sctp', around) ??
    (name === '--chunk-types'
      ? chunksMeaning(value, second, negated)
      : portMatch('sctp', name, value, negated ? '!=' : '==')),
);

const DCCP_TYPES = ['REQUEST', 'RESPONSE', 'DATA', 'ACK', 'DATAACK', 'CLOSEREQ', 'CLOSE', 'RESET', 'SYNC', 'SYNCACK'];

function dccpTypes(list: string, op: CompareOp): Meaning {
  const numbers = list.split(',').map((name) => [...DCCP_TYPES, 'INVALID'].indexOf(name.toUpperCase()));
  if (numbers.includes(-1)) return wrong(`\`${list}\` is not a list of types of DCCP`);
  const [only = 0] = numbers;
  const right = numbers.length === 1 ? number(only) : anonymousSet(...numbers.map(number));
  return means(match(field('dccp type'), op, right));
}

export const dccp: Module = perOption(
  {
    name: 'dccp',
    families: BOTH,
    options: { ...PORTS, '--dccp-types': PORT, '--dccp-option': PORT },
  },
  ({ name, negated, values: [value = ''] }, around) => {
    const amiss = otherProtocol('dccp', around);
    const op = negated ? '!=' : '==';
    if (amiss) return amiss;
    if (name === '--dccp-types') return dccpTypes(value, op);
    if (name !== '--dccp-option') return portMatch('dccp', name, value, op);
    return wholeNumber(value, 255n) === undefined
      ? wrong(`\`${value}\` is not an option of DCCP`)
      : impossible('nft 1.0.6 does not ask for options of DCCP');
  },
);

const WITH_PORTS: Readonly<Record<number, PortProtocol>> = {
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  132: 'sctp',
  136: 'udplite',
};

export const multiport: Module = perOption(
  {
    name: 'multiport',
    families: BOTH,
    options: {
      '--sports': PORT,
      '--source-ports': { ...PORT, is: '--sports' },
      '--dports': PORT,
      '--destination-ports': { ...PORT, is: '--dports' },
      '--ports': PORT,
    },
  },
  ({ name, negated, values: [value = ''] }, { protocol = 0 }) => {
    const of = WITH_PORTS[protocol];
    if (!of) return wrong('multiport needs `-p tcp`, `-p udp`, `-p udplite`, `-p sctp` or `-p dccp`');
    const ports = portList(value);
    if (!ports) return wrong(`\`${value}\` is not a list of ports`);
    const side = (which: 'sport' | 'dport', op: CompareOp): Statement => match(field(`${of} ${which}`), op, ports);
    const op = negated ? '!=' : '==';
    switch (name) {
      case '--sports':
        return means(side('sport', op));
      case '--dports':
        return means(side('dport', op));
      default:
        return negated
          ? means(side('sport', '!='), side('dport', '!='))
          : means({ kind: 'either', alternatives: [[side('sport', '==')], [side('dport', '==')]], negated: false });
    }
  },
);

/** What multiport was once called, when it had ranges and multiport did not. */
export const mport: Module = { ...multiport, name: 'mport' };
