import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, run } from '../host/exec';
import { plainBecause } from '../host/native/bindings';

/** One thing that was looked at, and what to do when it is not as it should be. */
export interface Finding {
  readonly name: string;
  readonly state: 'good' | 'bad' | 'note';
  readonly message: string;
  readonly mend?: string;
}

/** The programs that the commands use, and Debian's package of each. */
const PROGRAMS: readonly { readonly program: string; readonly package: string; readonly needed: boolean }[] = [
  { program: 'nft', package: 'nftables', needed: true },
  { program: 'ip', package: 'iproute2', needed: true },
  { program: 'nsenter', package: 'util-linux', needed: true },
  { program: 'unshare', package: 'util-linux', needed: true },
  { program: 'setpriv', package: 'util-linux', needed: false },
  { program: 'flock', package: 'util-linux', needed: true },
  { program: 'iptables-restore', package: 'iptables', needed: false },
  { program: 'tc', package: 'iproute2', needed: false },
  { program: 'ipset', package: 'ipset', needed: false },
  { program: 'perl', package: 'perl', needed: false },
  { program: 'curl', package: 'curl', needed: false },
];

export function missingPrograms(): typeof PROGRAMS {
  return PROGRAMS.filter(({ program }) => !isInstalled(program));
}

export async function examine(): Promise<Finding[]> {
  const missing = missingPrograms();
  const programs = PROGRAMS.map(({ program, package: name, needed }): Finding => {
    if (!missing.some((one) => one.program === program)) return { name: program, state: 'good', message: 'installed' };
    return { name: program, state: needed ? 'bad' : 'note', message: 'not installed', mend: `apt-get install ${name}` };
  });
  return [
    ...programs,
    engine(),
    atBoot(),
    ...(missing.some(({ program }) => program === 'nft') ? [] : [await permission()]),
  ];
}

function engine(): Finding {
  const plain = plainBecause();
  if (!plain) return { name: 'engine', state: 'good', message: 'the kernel is spoken with from within the process' };
  const message = `the kernel is spoken with by \`ip\` and \`nft\`, which takes ten times as long: ${plain.why}`;
  return { name: 'engine', state: 'note', message, ...(plain.mend ? { mend: plain.mend } : {}) };
}

/** Where a service stands that a boot starts: systemd's links, or those of an init script. */
const BOOT = [
  '/etc/systemd/system/multi-user.target.wants/tsnet.service',
  ...[2, 3, 4, 5].map((level) => `/etc/rc${level}.d/S01tsnet`),
];

function atBoot(): Finding {
  if (BOOT.some((path) => existsSync(path)))
    return { name: 'boot', state: 'good', message: '`tsnet recover` runs at boot' };
  return {
    name: 'boot',
    state: 'note',
    message: 'nothing restores what is applied after a boot',
    mend: `systemctl enable ${join(__dirname, '..', 'boot', 'tsnet.service')}`,
  };
}

async function permission(): Promise<Finding> {
  const listed = await run('nft', ['list', 'tables']);
  if (listed.ok && listed.value.exitCode === 0)
    return { name: 'permission', state: 'good', message: 'rules can be read and written' };
  return {
    name: 'permission',
    state: 'note',
    message: 'the network of this host may not be changed',
    mend: 'run as root; `tsnet compile` needs no permission',
  };
}
