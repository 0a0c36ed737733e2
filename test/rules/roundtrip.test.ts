import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listed, readAndPrint } from '../support/ruleset';

const CORPUS = join(__dirname, 'corpus');

describe.each(readdirSync(CORPUS))('%s', (file) => {
  const written = readFileSync(join(CORPUS, file), 'utf8');

  test('what was written means the same to the kernel when it is read and printed', () => {
    expect(listed(readAndPrint(written)).json).toEqual(listed(written).json);
  });

  test('so does what `nft list ruleset` prints of it', () => {
    const first = listed(written);
    const again = listed(readAndPrint(first.text));
    expect(again.json).toEqual(first.json);
    expect(again.text).toBe(first.text);
  });
});
