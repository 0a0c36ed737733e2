import { LinuxHost } from './linux';
import { bindings } from './native/bindings';
import { NativeHost } from './native/host';

/** The host that we are on, spoken with in the fastest way that it has. */
export function openHost(): LinuxHost {
  const found = bindings();
  return found ? new NativeHost(found) : new LinuxHost();
}
