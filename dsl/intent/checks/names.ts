import { readIpv4 } from '../../core/address';
import type { Part, Parts } from './parts';
import type { Report } from './rule';

/** Words that a statement uses where a name could stand. */
const RESERVED = ['host', 'none', 'outside', 'container'];

const WHAT = { defines: 'an address set', networks: 'a network', containers: 'a container' } as const;

/** A name is given once among networks, containers and address sets, since rules may refer to any of them. */
export function checkNames(parts: Parts, report: Report): void {
  const { definesByName, networksByName, containersByName } = parts;
  const check = (part: Part<keyof typeof WHAT>): void => {
    const { name } = part.said;
    const owner = definesByName.get(name) ?? networksByName.get(name) ?? containersByName.get(name);
    if (RESERVED.includes(name)) refuse(part, 'the language uses it');
    else if (readIpv4(name) !== undefined) refuse(part, 'it is an address');
    else if (owner && owner !== part)
      report(part.at('name'), 'TN2101', `the name \`${name}\` is taken`, {
        related: [{ path: owner.at('name'), text: `${WHAT[owner.list]} has it` }],
      });
  };
  const refuse = (part: Part<keyof typeof WHAT>, why: string): void =>
    report(part.at('name'), 'TN2006', `\`${part.said.name}\` cannot be the name of ${WHAT[part.list]}: ${why}`);
  for (const part of parts.defines) check(part);
  for (const part of parts.networks) check(part);
  for (const part of parts.containers) check(part);
}
