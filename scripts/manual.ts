import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualPages } from '../cli/shells/manual';
import { COMMANDS } from '../cli/table';
import { version } from '../cli/version';

/** Writes the manual's pages to `dist/man/`. */
const directory = join(__dirname, '..', 'dist', 'man');
mkdirSync(directory, { recursive: true });
for (const [name, text] of manualPages(COMMANDS, version())) writeFileSync(join(directory, name), text);
