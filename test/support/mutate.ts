/** Deterministic noise (xorshift32): a failure can be run again from its seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const PIECES = [
  '"',
  ';',
  '\n',
  '{',
  '}',
  '{}',
  '#',
  '\0',
  '\r\n',
  '\ufeff',
  '->',
  ',',
  '=',
  '@lan',
  '$(id)',
  '`',
  "'",
  '\\',
  '\u2028',
  '\ud800',
  '-1',
  '99999999999999999999',
  '0x',
  '::',
  '/33',
  'drop',
  'table inet x {',
  'delete table inet tsnet',
  'x'.repeat(300),
];

/** A text with a few bytes or pieces changed, cut, doubled or moved. */
export function mutate(text: string, random: (below: number) => number): string {
  let mutated = text;
  for (let round = 1 + random(4); round > 0; round--) {
    const at = random(mutated.length + 1);
    const length = random(20);
    const piece = PIECES[random(PIECES.length)] ?? '';
    const head = mutated.slice(0, at);
    switch (random(6)) {
      case 0:
        mutated = head + piece + mutated.slice(at);
        break;
      case 1:
        mutated = head + mutated.slice(at + length);
        break;
      case 2:
        mutated = head + String.fromCharCode(random(256)) + mutated.slice(at + 1);
        break;
      case 3:
        mutated = head + mutated.slice(at, at + length) + mutated.slice(at);
        break;
      case 4:
        mutated = head + piece + mutated.slice(at + piece.length);
        break;
      default:
        mutated = head;
    }
  }
  return mutated;
}
