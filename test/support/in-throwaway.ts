import { runOnThrowawayHost } from '../../runtime/sandbox/throwaway';

/** Runs a command on a throwaway host: `in-throwaway.ts COMMAND [ARGUMENT...]`. */
async function main(): Promise<void> {
  const result = await runOnThrowawayHost(process.argv.slice(2));
  if (!result.ok) process.stderr.write(`${result.fault.message}\n${result.fault.hint ?? ''}\n`);
  process.exitCode = result.ok ? result.value : 1;
}

void main();
