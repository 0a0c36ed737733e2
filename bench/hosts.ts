import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type How, run, TSNET, timed } from './measure';

/** For what a benchmark writes. */
export const folder = mkdtempSync(join(tmpdir(), 'tsnet-bench-'));

/** A network namespace that stands for a machine of its own. */
export function newHost(name: string): string {
  run(['ip', 'netns', 'add', name]);
  run(['ip', 'link', 'set', 'lo', 'up'], { host: name });
  run(['sysctl', '-qw', 'net.ipv4.ip_forward=1'], { host: name });
  return name;
}

/** A client beside a host: the host is 192.0.2.1 for it. */
export function newClient(host: string): string {
  const client = `${host}-client`;
  run(['ip', 'netns', 'add', client]);
  run(['ip', 'link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client], { host });
  run(['ip', 'address', 'add', '192.0.2.1/24', 'dev', 'uplink'], { host });
  run(['ip', 'link', 'set', 'uplink', 'up'], { host });
  for (const words of [
    'link set lo up',
    'address add 192.0.2.2/24 dev eth0',
    'link set eth0 up',
    'route add default via 192.0.2.1',
  ])
    run(['ip', ...words.split(' ')], { host: client });
  return client;
}

/** tsnet on a host, with a state of its own. */
export class Ours {
  readonly how: How;
  readonly state: string;

  constructor(readonly host: string) {
    this.state = join('/run', `tsnet-${host}`);
    this.how = { host, env: { TSNET_STATE: this.state } };
  }

  apply(text: string) {
    return timed([...TSNET, 'apply', written(this.host, text)], this.how);
  }

  tsnet(...args: readonly string[]) {
    return timed([...TSNET, ...args], this.how);
  }
}

export function written(name: string, text: string): string {
  const file = join(folder, `${name}.tsnet`);
  writeFileSync(file, text);
  return file;
}
