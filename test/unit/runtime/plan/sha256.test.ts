import { createHash } from 'node:crypto';
import { sha256 } from '../../../../runtime/plan/sha256';

test('is what Node makes of it, at every length around a block', () => {
  for (let length = 0; length <= 200; length++) {
    const text = `/var/lib/${'ü/'.repeat(length)}`.slice(0, length);
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  }
});
