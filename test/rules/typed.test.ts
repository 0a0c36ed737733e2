import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, print, stack } from 'tsnet';
import { tableText } from '../../compiler/targets/nft/print';
import { listed, readText } from '../support/ruleset';
import { host } from './typed';

const written = readFileSync(join(__dirname, 'typed.nft'), 'utf8');

/** A tree by what it says, wherever it was said. */
function withoutOrigins(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOrigins);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'origin');
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutOrigins(one)]));
}

test('builders make the tree that the same table in nft notation makes', () => {
  const read = readText(written);
  if (!read.ok) throw new Error(read.diagnostics.map(({ message }) => message).join('\n'));
  expect(withoutOrigins(host.tree)).toEqual(withoutOrigins(read.value[0]));
});

test('the kernel takes it, and takes it for the same', () => {
  expect(listed(tableText(host.tree)).json).toEqual(listed(written).json);
});

test('a stack carries its tables into the ruleset', () => {
  const compiled = compile(stack(host));
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join('\n'));
  const printed = print(compiled.value, 'nft');
  if (!printed.ok) throw new Error(printed.diagnostics.map(({ message }) => message).join('\n'));
  expect(printed.value.text).toContain(tableText(host.tree));
});
