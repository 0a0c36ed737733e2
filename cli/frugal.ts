/**
 * From here on memory is given back before more is taken (V8's own setting for hosts with little of it): the heap, let grow
 * as V8 would, takes half as much again for a plan of ten thousand containers, most of it garbage. What the kernel does for
 * so many takes far longer than the collecting.
 */
export async function spendLittle(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--optimize-for-size');
}
