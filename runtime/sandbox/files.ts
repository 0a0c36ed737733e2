import { formatAddress } from '../../dsl/core/address';
import type { Container } from '../../dsl/intent/topology';

/** What a container finds as /etc/hosts, /etc/resolv.conf and /etc/hostname. */
export interface SandboxFiles {
  readonly hosts: string;
  readonly 'resolv.conf': string;
  readonly hostname: string;
}

/** `hostResolv` is the host's own resolv.conf, taken over for containers that name no server. */
export function sandboxFiles(container: Container, hostResolv: string): SandboxFiles {
  return {
    hosts: hostsFile(container),
    'resolv.conf': resolvFile(container, hostResolv),
    hostname: `${container.hostname}\n`,
  };
}

function hostsFile({ mode, hostname, name, hosts }: Container): string {
  const endpoints = mode.kind === 'bridged' ? mode.endpoints : [];
  const own = endpoints.flatMap(({ addresses, aliases }) => {
    const names = [...new Set([hostname, name, ...aliases])].join(' ');
    return addresses.map(({ address }) => `${formatAddress(address)}\t${names}`);
  });
  const lines = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...own,
    ...hosts.map(({ address, names }) => `${formatAddress(address)}\t${names.join(' ')}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** A server on the host's loopback is not the container's: such lines are left out, as Docker does. */
function resolvFile({ dns, dnsSearch }: Container, hostResolv: string): string {
  const inherited = hostResolv.split('\n').filter((line) => /^\s*(nameserver|search|options|domain)\s/.test(line));
  const servers =
    dns.length > 0
      ? dns.map((address) => `nameserver ${formatAddress(address)}`)
      : inherited.filter((line) => /^\s*nameserver\s+(?!127\.|::1\b)/.test(line));
  const search =
    dnsSearch.length > 0
      ? [`search ${dnsSearch.join(' ')}`]
      : inherited.filter((line) => /^\s*(search|domain)\s/.test(line));
  const options = inherited.filter((line) => /^\s*options\s/.test(line));
  return [...servers, ...search, ...options].map((line) => `${line.trim()}\n`).join('');
}
