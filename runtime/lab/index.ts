export { addOutside, connectOutside, makeCommands } from './host';
export { askProbes, type Probe } from './probes';

export { startServers } from './serve';
export { type OpenPort, type Server, type Servers, serversFor, withPorts } from './servers';
export { runShell } from './shell';
export { type Traced, type TracedRule, traceProbe } from './trace';
export { type IpBatch, wiring } from './wiring';
