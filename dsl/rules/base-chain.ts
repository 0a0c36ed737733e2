import { prioritiesOf } from '../ruleset/priorities';
import type { BaseChain, Hook, Policy, TableFamily } from '../ruleset/tree';
import type { NatHook } from './statement';
import { quotable } from './words';

type PriorityName = 'raw' | 'mangle' | 'dstnat' | 'filter' | 'security' | 'srcnat';

/** As nft writes them: a number, or a name and an offset. */
export type Priority = number | PriorityName | `${PriorityName} ${'+' | '-'} ${number}`;

interface Common {
  readonly priority: Priority;
  /** What becomes of a packet that no rule decides; nft's default is `accept`. */
  readonly policy?: Policy;
}

interface Inet extends Common {
  readonly type: 'filter';
  readonly hook: Exclude<Hook, 'ingress' | 'egress'>;
}

interface Nat extends Common {
  readonly type: 'nat';
  readonly hook: NatHook;
}

interface Route extends Common {
  readonly type: 'route';
  readonly hook: 'output';
}

interface Arp extends Common {
  readonly type: 'filter';
  readonly hook: 'input' | 'output';
}

interface Device extends Common {
  readonly type: 'filter';
  readonly hook: 'ingress' | 'egress';
  readonly devices: readonly [string, ...string[]];
}

/** The base chains that the kernel knows in a family. */
export type BaseOptions<F extends TableFamily> = F extends 'ip' | 'ip6' | 'inet'
  ? Inet | Nat | Route
  : F extends 'bridge'
    ? Inet
    : F extends 'arp'
      ? Arp
      : Device;

export function baseChain(family: TableFamily, options: BaseOptions<TableFamily>): BaseChain {
  const { type, hook, priority, policy = 'accept' } = options;
  const devices = 'devices' in options ? { devices: options.devices.map((device) => quotable(device)) } : {};
  return { type, hook, priority: priorityNumber(family, priority), policy, ...devices };
}

function priorityNumber(family: TableFamily, priority: Priority): number {
  if (typeof priority === 'number') return priority;
  const [name = '', sign = '', offset = '0'] = priority.split(' ');
  const base = prioritiesOf(family)[name];
  if (base === undefined) throw new RangeError(`\`${name}\` is not a priority in family ${family}`);
  return base + Number(`${sign}${offset}`);
}
