import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from '../../runtime';
import { execute } from '../../test/support/lab';
import { difference, INTENTS, note, Victim } from './host';
import { referencesOf } from './kills';

export interface Files {
  readonly tries: number;
  /** It went through, or was refused with the host as it was. */
  readonly well: number;
  readonly wrong: number;
}

/** Disks of every size too small for the state, from nothing on, until one is large enough. */
export async function fullDisk(): Promise<Files> {
  const result = { tries: 0, well: 0, wrong: 0 };
  const victim = new Victim('nft');
  const references = await referencesOf(victim);
  const { state } = victim.lab;
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ] as const) {
    for (let room = 0; room <= 48; room++) {
      await victim.apply(INTENTS[from]);
      const kept = mkdtempSync(join(tmpdir(), 'tsnet-kept-'));
      cpSync(state, kept, { recursive: true });
      const used = Number(execute('du', ['-sk', '--apparent-size', state]).stdout.split('\t')[0]);
      execute('mount', ['-t', 'tmpfs', '-o', `mode=0700,size=${(used * 4 + 400) * 1024}`, 'tmpfs', state]);
      cpSync(kept, state, { recursive: true });
      // What is left is a number of pages.
      const free = Number(execute('df', ['--output=avail', '-k', state]).stdout.split('\n')[1]);
      execute('dd', ['if=/dev/zero', `of=${state}/filler`, 'bs=1024', `count=${Math.max(0, free - room * 4)}`]);
      const ran = await victim.apply(INTENTS[to]);
      rmSync(join(state, 'filler'), { force: true });
      if (victim.isInterrupted()) victim.recover();
      result.tries++;
      const now = victim.fingerprint();
      const expected = references[ran.code === 0 ? to : from] ?? '';
      if (now === expected && (ran.code === 0 || ran.code === 3)) result.well++;
      else {
        result.wrong++;
        note(`full disk, ${room} pages, exit ${ran.code}: ${ran.stderr.slice(0, 300)}\n${difference(expected, now)}`);
      }
      const after = mkdtempSync(join(tmpdir(), 'tsnet-kept-'));
      cpSync(state, after, { recursive: true });
      execute('umount', [state]);
      for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true });
      cpSync(after, state, { recursive: true });
      rmSync(kept, { recursive: true });
      rmSync(after, { recursive: true });
      if (ran.code === 0) break;
    }
  }
  victim.close();
  return result;
}

/** Every file of the state, cut at every byte: read in one process, and by whole commands for some of them. */
export async function cutFiles(): Promise<Files> {
  const result = { tries: 0, well: 0, wrong: 0 };
  const victim = new Victim('nft');
  await victim.apply(INTENTS[0]);
  const { state } = victim.lab;
  const before = victim.fingerprint();
  const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((path) => /\.json$/.test(path));
  for (const file of files) {
    const path = join(state, file);
    const text = readFileSync(path);
    for (let length = 0; length < text.length; length++) {
      truncateSync(path, length);
      result.tries++;
      try {
        const session = Session.open(state);
        const read = session.ok ? session.value.state() : session;
        const history = session.ok ? session.value.history() : session;
        if (read.ok || history.ok || read.fault.code === 'TN5007') result.well++;
        else result.wrong++;
        if (length % 97 === 0) {
          const ran = await victim.apply(INTENTS[0]);
          writeFileSync(path, text);
          const now = victim.fingerprint();
          if ((ran.code !== 0 && ran.code !== 3) || now !== before || ran.stderr.includes('this is a bug')) {
            result.wrong++;
            note(`${file} cut at ${length}, exit ${ran.code}: ${ran.stderr}\n${difference(before, now)}`);
          }
        }
      } catch (error) {
        result.wrong++;
        note(`${file} cut at ${length}: ${(error as Error).stack}`);
      }
      writeFileSync(path, text);
    }
  }
  victim.close();
  return result;
}

/** A state directory that nobody can write to. */
export async function readOnly(): Promise<Files> {
  const result = { tries: 0, well: 0, wrong: 0 };
  const victim = new Victim('nft');
  await victim.apply(INTENTS[0]);
  const before = victim.fingerprint();
  const { state } = victim.lab;
  execute('mount', ['--bind', state, state]);
  execute('mount', ['-o', 'remount,bind,ro', state]);
  for (const args of [victim.applyArgs(), ['down'], ['rm', 'web'], ['run', '--name', 'x', '--', 'true'], ['recover']]) {
    const ran = victim.lab.tsnet(args, INTENTS[1]);
    const now = victim.fingerprint();
    result.tries++;
    if (ran.code === 3 && now === before) result.well++;
    else {
      result.wrong++;
      note(`read-only, ${args[0]}, exit ${ran.code}: ${ran.stderr}\n${difference(before, now)}`);
    }
  }
  execute('umount', [state]);
  victim.close();
  return result;
}

/** Two that begin at once: the second waits, and the host ends as one of them said. */
export async function twoAtOnce(rounds: number): Promise<Files> {
  const result = { tries: 0, well: 0, wrong: 0 };
  const victim = new Victim('nft');
  const references = await referencesOf(victim);
  for (let round = 0; round < rounds; round++) {
    const both = await Promise.all(INTENTS.map((intent) => victim.apply(intent)));
    result.tries++;
    if (both.every(({ code }) => code === 0) && references.includes(victim.fingerprint())) result.well++;
    else {
      result.wrong++;
      note(`two at once: ${both.map(({ stderr }) => stderr).join('\n')}`);
    }
  }
  victim.close();
  return result;
}

/** A symbolic link, or a directory that others can write to, is refused before anything is read from it. */
export function strangeDirectory(): Files {
  const result = { tries: 0, well: 0, wrong: 0 };
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-strange-'));
  mkdirSync(join(folder, 'real'), { mode: 0o700 });
  execute('ln', ['-s', join(folder, 'real'), join(folder, 'link')]);
  mkdirSync(join(folder, 'open'));
  execute('chmod', ['0777', join(folder, 'open')]);
  for (const name of ['link', 'open']) {
    result.tries++;
    const session = Session.open(join(folder, name));
    if (!session.ok && session.fault.code === 'TN5007' && !existsSync(join(folder, 'real', 'lock'))) result.well++;
    else result.wrong++;
  }
  rmSync(folder, { recursive: true });
  return result;
}
