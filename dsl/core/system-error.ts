/** What the system's names of errors say, for a file that is read or written. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left',
  EROFS: 'its file system is read-only',
  ERR_STRING_TOO_LONG: 'it is too large',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
};

/** `code` as the system names its errors: `ENOENT`; `missing` is what is not there then. */
export function reasonFor(code: string, missing: 'file' | 'directory'): string {
  return code === 'ENOENT' ? `there is no such ${missing}` : (REASONS[code] ?? code);
}
