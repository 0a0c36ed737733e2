import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnThrowawayHost } from '../runtime';

/**
 * Has V8 remember the functions that commands use whose start matters: on a throwaway host where there can be one, else
 * only those of commands that need none.
 */
const INTENT = 'network warm { subnet 10.91.0.0/24 }\ncontainer one { network warm; publish 127.0.0.1:8080:80 }\n';
/** So many that one more is planned without a look at the others. */
const MANY = Array.from({ length: 64 }, (_, at) => `container many${at} { network none }\n`).join('');
const MORE = 'container more { network warm; publish 8082:80 }\n';

function warm(onHost: boolean): void {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-warm-'));
  const [file, many, more] = [INTENT, `${INTENT}${MANY}`, `${INTENT}${MANY}${MORE}`].map((text, at) => {
    const path = join(folder, `warm-${at}.tsnet`);
    writeFileSync(path, text);
    return path;
  }) as [string, string, string];
  const run = ['run', '-d', '--net', 'warm', '--name', 'two', '-p', '8081:81', '--', 'true'];
  const asked = ['why', '-f', file, 'from', 'outside', 'to', '127.0.0.1', 'tcp', '8080'];
  const commands = [['--help'], ['compile', file], asked];
  if (onHost) commands.push(['apply', file], run, ['rm', 'two'], ['down'], ['apply', many], ['apply', more]);
  for (const command of commands)
    spawnSync(process.execPath, [join(__dirname, 'warm-one.js'), ...command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, TSNET_STATE: join(folder, 'state') },
    });
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  if (process.argv[2] === 'here') return warm(true);
  const here = [process.execPath, require.resolve('ts-node/dist/bin.js'), '--swc', __filename, 'here'];
  const there = await runOnThrowawayHost(here);
  if (!there.ok) warm(false);
}

void main();
