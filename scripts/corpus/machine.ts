import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the layers lie: in memory, and only in the mount namespace of this process. */
const BASE = '/run/tsnet-corpus';

export interface Dumped {
  readonly v4: string;
  readonly v6: string;
  readonly ipset: string;
}

/** A copy of this machine's file system (an overlay), into which packages may be installed without a trace here. */
export class Machine {
  private layers = 0;

  private constructor(
    private readonly name: string,
    private readonly layer: string,
  ) {}

  /** Needs to be root, and in a mount namespace of one's own. */
  static with(name: string, packages: readonly string[]): Machine {
    const layer = join(BASE, name);
    mkdirSync(BASE, { recursive: true });
    must('mount', ['-t', 'tmpfs', 'corpus', BASE]);
    const root = stacked('/', layer);
    for (const shared of ['/dev', '/proc', '/sys']) must('mount', ['--bind', shared, join(root, shared)]);
    writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    if (packages.length > 0)
      must('chroot', [root, 'apt-get', 'install', '-y', '--no-install-recommends', ...packages], '', {
        DEBIAN_FRONTEND: 'noninteractive',
      });
    return new Machine(name, layer);
  }

  /**
   * Runs a shell script on a fresh copy, in namespaces of its own, on a host with eth0 (outside) and eth1 (inside);
   * what the tables of iptables hold at its end.
   */
  run(files: Readonly<Record<string, string>>, script: string, tools: 'legacy' | 'nft'): Dumped {
    const root = stacked(join(this.layer, 'upper'), join(BASE, `${this.name}-${this.layers++}`), '/');
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
    }
    writeFileSync(join(root, 'corpus.sh'), `${PRELUDE(tools)}\n${script}\n${POSTLUDE(tools)}\n`);
    const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
    const { stdout, stderr, status } = execute('unshare', [...namespaces, '/bin/sh', '-c', ENTER, 'enter', root]);
    if (process.env.CORPUS_VERBOSE || status !== 0) process.stderr.write(`${stdout.slice(0, 4000)}\n${stderr}\n`);
    if (status !== 0) throw new Error(`${this.name}: the script ended with ${status}`);
    const [, v4 = '', v6 = '', ipset = ''] = stdout.split(`${MARKER}\n`);
    return { v4, v6, ipset };
  }

  close(): void {
    must('umount', ['--recursive', '--lazy', BASE]);
    rmSync(BASE, { recursive: true, force: true });
  }
}

const MARKER = '--8<-- corpus';

const ENTER = `set -e
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t sysfs sysfs "$1/sys"
mount -t tmpfs run "$1/run"
# Scripts of others copy the environment into theirs.
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root chroot "$1" /bin/sh -e /corpus.sh`;

const PRELUDE = (tools: 'legacy' | 'nft') => `
hostname gateway
mkdir -p /run/lock /var/lock
for tool in iptables ip6tables; do update-alternatives --quiet --set $tool /usr/sbin/$tool-${tools}; done
ip link set lo up
for at in 0 1; do ip link add eth$at type veth peer name wire$at; ip link set wire$at up; ip link set eth$at up; done
ip address add 198.51.100.10/24 dev eth0
ip -6 address add 2001:db8:1::10/64 dev eth0 nodad
ip address add 192.168.1.1/24 dev eth1
ip -6 address add fd00:1::1/64 dev eth1 nodad
ip route add default via 198.51.100.1
ip -6 route add default via 2001:db8:1::1
exec 3>&1 1>&2`;

const POSTLUDE = (tools: 'legacy' | 'nft') => `
exec 1>&3
echo '${MARKER}'; iptables-${tools}-save
echo '${MARKER}'; ip6tables-${tools}-save
echo '${MARKER}'; ipset save`;

/** An overlay over the lower ones, the first on top; where it is mounted. */
function stacked(top: string, layer: string, bottom?: string): string {
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(layer, part), { recursive: true });
  const lower = bottom === undefined ? top : `${top}:${bottom}`;
  const options = `lowerdir=${lower},upperdir=${join(layer, 'upper')},workdir=${join(layer, 'work')}`;
  must('mount', ['-t', 'overlay', 'overlay', '-o', options, join(layer, 'root')]);
  return join(layer, 'root');
}

function execute(
  program: string,
  args: readonly string[],
  input = '',
  environment: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  const env = { ...process.env, ...environment };
  return spawnSync(program, args, { input, encoding: 'utf8', env, maxBuffer: 1 << 28, timeout: 600_000 });
}

function must(...call: Parameters<typeof execute>): void {
  const { status, stderr, error } = execute(...call);
  if (error) throw error;
  if (status !== 0) throw new Error(`${call[0]} ${call[1].join(' ')}: ${stderr}`);
}
