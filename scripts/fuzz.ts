import { judge, seeds } from '../test/support/hostile';
import { mutate, randomFrom } from '../test/support/mutate';

/** Compiles mangled files: `npm run fuzz -- [COUNT] [SEED]`. Prints what it did, and each text that goes wrong. */
const count = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? Date.now());
const random = randomFrom(seed);
const texts = seeds();
let wrong = 0;
let slowest = 0;

for (let run = 0; run < count; run++) {
  const text = mutate(texts[random(texts.length)] ?? '', random);
  const started = performance.now();
  let problem: string | undefined;
  try {
    problem = judge(text);
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  slowest = Math.max(slowest, performance.now() - started);
  if (problem === undefined) continue;
  wrong++;
  process.stdout.write(`${problem}\n${JSON.stringify(text)}\n\n`);
  if (wrong >= 20) break;
}

process.stdout.write(`${count} inputs, seed ${seed}: ${wrong} wrong, the slowest ${slowest.toFixed(0)} ms\n`);
process.exitCode = wrong === 0 ? 0 : 1;
