/**
 * Runs a command on a throwaway host: `node in-sandbox.js COMMAND [ARGUMENT...]`. It gets network and mount namespaces
 * of its own, and for an ordinary user a user namespace in which that user is root. /run is an empty tmpfs there, so
 * that `ip netns` works and nothing of this machine's is touched.
 */
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const os = require('node:os');

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const env = { ...process.env, PATH };
const [first, ...rest] = process.argv.slice(2);

function setting(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function whyNot() {
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'AppArmor keeps user namespaces from ordinary users here. As root: sysctl kernel.apparmor_restrict_unprivileged_userns=0';
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'User namespaces are switched off for ordinary users. As root: sysctl kernel.unprivileged_userns_clone=1';
  if (setting('/proc/sys/user/max_user_namespaces') === '0')
    return 'User namespaces are switched off. As root: sysctl user.max_user_namespaces=10000';
  return 'Run it as root, or in a container that may make namespaces (CAP_SYS_ADMIN).';
}

function run(program, args) {
  const result = spawnSync(program, args, { stdio: 'inherit', env });
  if (result.error) {
    process.stderr.write(`${program}: ${result.error.message}\n`);
    return 127;
  }
  return result.status ?? 128 + os.constants.signals[result.signal];
}

if (first === '--inside') {
  const [program, ...args] = rest;
  const ready = run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']) || run('ip', ['link', 'set', 'lo', 'up']);
  process.exit(ready || run(program, args));
}

const NAMESPACES = ['--net', '--mount', '--propagation', 'private'];
const ways = process.geteuid() === 0 ? [[], ['--user', '--map-root-user']] : [['--user', '--map-root-user']];
const way = ways.find((extra) => spawnSync('unshare', [...extra, ...NAMESPACES, 'true'], { env }).status === 0);
if (!way) {
  process.stderr.write(`A throwaway network host cannot be made here. ${whyNot()}\n`);
  process.exit(1);
}
process.exit(run('unshare', [...way, ...NAMESPACES, process.execPath, __filename, '--inside', first, ...rest]));
