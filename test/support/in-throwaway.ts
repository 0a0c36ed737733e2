import { runOnThrowawayHost } from '../../runtime/sandbox/throwaway';

/** Runs a command on a throwaway host: `in-throwaway.ts COMMAND [ARGUMENT...]`. */
async function main(): Promise<void> {
  // In a user namespace `/` belongs to nobody, and swc would not trust its own cache below it.
  process.env.SWC_NATIVE_BINDING_CACHE_SKIP_SECURITY_CHECK = '1';
  const result = await runOnThrowawayHost(process.argv.slice(2));
  if (!result.ok) process.stderr.write(`${result.fault.message}\n${result.fault.hint ?? ''}\n`);
  process.exitCode = result.ok ? result.value : 1;
}

void main();
