import type { HostFault } from './fault';

/** What a program's complaint means, as the parts of a fault. */
export function explainRefusal(what: string, reason: string): [HostFault['code'], string, Pick<HostFault, 'hint'>] {
  if (/Operation not permitted|Permission denied|you must be root/i.test(reason))
    return [
      'TN5002',
      `\`${what}\` is not permitted`,
      { hint: 'run it as root, or in a namespace of your own: unshare --user --map-root-user --net --mount' },
    ];
  return ['TN5003', `\`${what}\` was refused: ${reason.trim()}`, {}];
}
