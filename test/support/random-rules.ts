import type { Random } from './random';
import { iptablesText } from './random-iptables';
import { nftText } from './random-nft';

/** A ruleset to be loaded with one of the tools, and addresses that it and the packets for it speak of. */
export interface RandomRules {
  readonly tool: 'nft' | 'iptables' | 'ip6tables';
  readonly family: 4 | 6;
  readonly text: string;
  readonly addresses: Addresses;
}

export interface Addresses {
  /** Behind eth0. */
  readonly clients: readonly string[];
  /** Behind eth1. */
  readonly servers: readonly string[];
  readonly local: readonly string[];
  /** What packets are translated to. */
  readonly targets: readonly string[];
  readonly blocks: readonly string[];
}

/** `batch` keeps the connections of one ruleset apart from those of the others. */
export function randomRules(below: Random, batch: number): RandomRules {
  const family = below(3) === 0 ? 6 : 4;
  const addresses = family === 4 ? ipv4Addresses(batch) : ipv6Addresses(batch);
  const tool = below(2) === 0 ? 'nft' : family === 4 ? 'iptables' : 'ip6tables';
  const text = tool === 'nft' ? nftText(below, family, addresses) : iptablesText(below, family, addresses);
  return { tool, family, text, addresses };
}

function ipv4Addresses(batch: number): Addresses {
  const [a, b] = [64 + (batch % 60), Math.floor(batch / 60) % 200];
  return {
    clients: [`10.${a}.${b}.1`, `10.${a}.${b}.130`, `10.${a}.${b}.7`],
    servers: [`198.${a}.${b}.1`, `198.${a}.${b}.130`, `198.${a}.${b}.7`],
    local: ['10.0.0.1', '10.0.1.1'],
    targets: ['10.0.1.50', '10.0.0.1', `198.${a}.${b}.50`, `10.${a}.${b}.50`],
    blocks: [`10.${a}.${b}.0/25`, `198.${a}.${b}.128/25`, '10.0.0.0/8', '198.0.0.0/8', `10.${a}.${b}.0/29`],
  };
}

function ipv6Addresses(batch: number): Addresses {
  const a = (batch % 60000).toString(16);
  return {
    clients: [`fd64:${a}::1`, `fd64:${a}::8000:1`, `fd64:${a}::7`],
    servers: [`fd99:${a}::1`, `fd99:${a}::8000:1`, `fd99:${a}::7`],
    local: ['fd00::1', 'fd00:1::1'],
    targets: ['fd00:1::50', 'fd00::1', `fd99:${a}::50`, `fd64:${a}::50`],
    blocks: [`fd64:${a}::/97`, `fd99:${a}::8000:0/97`, 'fd64::/16', 'fd99::/16', `fd64:${a}::/125`],
  };
}
