import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileFault } from '../../../../runtime/host/files';
import { openStateDirectory } from '../../../../runtime/state/directory';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function refusal(path: string): { message: string; hint: string | undefined } | undefined {
  const opened = openStateDirectory(path);
  return opened.ok ? undefined : { message: opened.fault.message, hint: opened.fault.hint };
}

test('a directory of our own is taken, and made where there is none', () => {
  expect(refusal(join(folder, 'new'))).toBeUndefined();
  expect(refusal(join(folder, 'new'))).toBeUndefined();
});

const OTHERS = 'give --state a directory of your own, mode 0700';

test('one that others may write to: the mode is what to change', () => {
  const open = join(folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(refusal(open)).toEqual({
    message: `the state directory ${open} can be written by others`,
    hint: `chmod 0700 ${open}, or ${OTHERS}`,
  });
});

test('a file, or a link to a directory: another is needed', () => {
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  writeFileSync(file, '');
  symlinkSync(folder, link);
  expect(refusal(file)).toEqual({ message: `the state directory ${file} is not a directory`, hint: OTHERS });
  expect(refusal(link)).toEqual({ message: `the state directory ${link} is a symbolic link`, hint: OTHERS });
  expect(refusal(join(file, 'below'))?.message).toContain('cannot be used');
});

test.each([
  ['EROFS', 'TN5002', 'its file system is read-only', 'give --state a directory that can be written'],
  ['EACCES', 'TN5002', 'permission denied', 'run as root, or give --state a directory of your own'],
  ['ENOSPC', 'TN5009', 'the disk is full', 'make room, then try again'],
])('a file that cannot be written, %s: in words, with the mend', (code, number, why, hint) => {
  expect(fileFault(Object.assign(new Error(code), { code }), '/state/lock')).toEqual([
    number,
    `/state/lock cannot be written: ${why}`,
    { hint },
  ]);
});
