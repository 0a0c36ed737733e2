import { closeSync, openSync } from 'node:fs';
import type { Bindings } from '../runtime/host/native/bindings';
import { addNamespace, enter, inNamespace, NAMESPACES, shareMounts } from '../runtime/host/native/namespaces';
import { NETLINK, Netlink } from '../runtime/host/native/netlink';
import { runNft } from '../runtime/host/native/nft';
import { type Ask, addAddress, addBridge, addVeth, setDefaultRoute, setLink } from '../runtime/host/native/route';
import { kernel } from './measure';

/**
 * The bare kernel work of so many containers: the requests alone, one after the other, in the namespace that we are in.
 * No state, no journal, no look at what is there, no files, nothing to compile; the ruleset is ready-made text.
 */
export function bareWork(containers: number, ruleset: string): void {
  const libc = kernel();
  const home = new Netlink(libc, NETLINK.route);
  const all = Array.from({ length: containers }, (_, at) => at);
  const ask = (socket: Netlink, asks: readonly Ask[]) => {
    for (const one of asks) one(socket);
  };
  for (let at = 0; at <= Math.floor(containers / 1000); at++)
    ask(home, [
      addBridge({
        op: 'bridge.add',
        name: bridge(at * 1000),
        mac: `02:42:0a:00:00:${at.toString(16).padStart(2, '0')}`,
        mtu: null,
      }),
      addAddress(bridge(at * 1000), `10.${at}.0.1/16`, 'exclusive'),
      setLink(bridge(at * 1000), 'up'),
    ]);
  shareMounts(libc);
  for (const at of all) {
    addNamespace(libc, `bare-${at}`);
    inside(at, (file) =>
      ask(
        home,
        addVeth(
          { op: 'veth.add', name: `bv${at}`, bridge: bridge(at), mtu: null, namespace: '', peer: 'eth0', mac: mac(at) },
          file,
        ),
      ),
    );
    inside(at, (file) => prepare(libc, file, at));
  }
  const { ok, error } = runNft(libc.nft, ruleset);
  if (!ok) throw new Error(error);
  for (const at of all) ask(home, [setLink(`bv${at}`, 'up')]);
  home.close();
}

function prepare(libc: Bindings, file: number, at: number): void {
  const socket = inNamespace(libc, enter(libc, file), () => new Netlink(libc, NETLINK.route));
  for (const one of [
    setLink('lo', 'up'),
    addAddress(
      'eth0',
      `10.${Math.floor(at / 1000)}.${1 + Math.floor((at % 1000) / 250)}.${1 + (at % 250)}/16`,
      'replace',
    ),
    setLink('eth0', 'up'),
    setDefaultRoute('eth0', `10.${Math.floor(at / 1000)}.0.1`),
  ])
    one(socket);
  socket.close();
}

function inside(at: number, action: (file: number) => void): void {
  const file = openSync(`${NAMESPACES}/bare-${at}`, 'r');
  try {
    action(file);
  } finally {
    closeSync(file);
  }
}

function bridge(at: number): string {
  return `bare${Math.floor(at / 1000)}`;
}

function mac(at: number): string {
  return `02:42:0a:01:${hex(at >> 8)}:${hex(at & 255)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
