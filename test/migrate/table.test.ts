import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BEGIN, END, migrationTable, untried } from '../support/migrate/table';

const manual = join(__dirname, '..', '..', 'docs', 'migration.md');

/** The table between its marks; UPDATE_GOLDEN=1 writes it. */
test('the manual says of each match and target what becomes of it', () => {
  const text = readFileSync(manual, 'utf8');
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END) + END.length];
  const table = migrationTable();
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(manual, text.slice(0, start) + table + text.slice(end));
  expect(start).toBeGreaterThan(0);
  expect(readFileSync(manual, 'utf8').slice(start, start + table.length)).toBe(table);
});

test('each of them is tried', () => {
  expect(untried()).toEqual([]);
});
