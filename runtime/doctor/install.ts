import { attach, run } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { missingPrograms } from './checks';

/** Installs what is missing with apt-get, as root or through sudo when that asks for no password. */
export async function installMissing(): Promise<Result<readonly string[], HostFault>> {
  const packages = [...new Set(missingPrograms().map((one) => one.package))];
  if (packages.length === 0) return done([]);
  const prefix = process.geteuid?.() === 0 ? [] : ['sudo', '-n'];
  const allowed = prefix.length === 0 || (await run('sudo', ['-n', 'true']));
  if (allowed !== true && (!allowed.ok || allowed.value.exitCode !== 0)) return cannot(packages);
  const apt = [...prefix, 'apt-get'];
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...packages],
  ]) {
    const [program = '', ...rest] = [...apt, ...args];
    const ran = await attach(program, rest, {
      stdio: ['ignore', 2, 'inherit'],
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (!ran.ok || ran.value.exitCode !== 0) return cannot(packages);
  }
  return done(packages);
}

function cannot(packages: readonly string[]) {
  return refused('TN5001', `these packages are missing: ${packages.join(' ')}`, {
    hint: `as root: apt-get install ${packages.join(' ')}`,
  });
}
