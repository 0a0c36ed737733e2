export { connectOutside, makeCommands } from './host';

export { startServers } from './serve';
export { type Server, type Servers, serversFor } from './servers';
export { runShell } from './shell';
export { type IpBatch, wiring } from './wiring';
