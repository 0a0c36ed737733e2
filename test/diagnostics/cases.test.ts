import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler';
import { CODES } from '../../dsl/core/codes';
import { renderDiagnostics } from '../../dsl/core/render';

/** A mistake a file, beside what is said of it. UPDATE_GOLDEN=1 writes the answers anew; read what changed. */
const FOLDER = join(__dirname, 'cases');
const update = process.env.UPDATE_GOLDEN === '1';
if (update && process.env.CI) throw new Error('goldens are not updated in CI');

const CASES = readdirSync(FOLDER).filter((file) => !file.endsWith('.txt'));

function answerTo(file: string): string {
  const outcome = compile([{ name: file, text: readFileSync(join(FOLDER, file), 'utf8') }]);
  return outcome.ok ? '' : renderDiagnostics(outcome.diagnostics, { color: false });
}

test.each(CASES)('%s', (file) => {
  const golden = join(FOLDER, `${file}.txt`);
  const answer = answerTo(file);
  if (update || !existsSync(golden)) {
    expect(process.env.CI).toBeUndefined();
    writeFileSync(golden, answer);
  }
  expect(answer).toBe(readFileSync(golden, 'utf8'));
  const [code] = file.split(/[-.]/);
  if (code && code in CODES) expect(answer).toContain(`error[${code}]`);
});

test('every answer is to a case that is there', () => {
  const answers = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  expect(answers).toEqual(CASES.map((file) => `${file}.txt`));
});
