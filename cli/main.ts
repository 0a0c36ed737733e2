#!/usr/bin/env node
import { loadBundle } from './bundle';
import { version } from './version';

const [first, ...rest] = process.argv.slice(2);
// Asked for by scripts, again and again: nothing of the program is needed to answer.
if ((first === '--version' || first === '-V') && rest.length === 0) process.stdout.write(`${version()}\n`);
else {
  const { main } = (loadBundle(first ?? 'help')?.exports ?? require('./program')) as typeof import('./program');
  void main(process.argv.slice(2));
}
