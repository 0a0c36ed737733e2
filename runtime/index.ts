export { examine, type Finding } from './doctor/checks';
export { installMissing } from './doctor/install';
export type { Response } from './engine';
export type { HostFault, Result } from './host/fault';
export { writeFileAtomic } from './host/files';
export {
  addOutside,
  askProbes,
  connectOutside,
  makeCommands,
  type OpenPort,
  type Probe,
  runShell,
  type Server,
  type Servers,
  serversFor,
  startServers,
  type Traced,
  type TracedRule,
  traceProbe,
  withPorts,
} from './lab';
export { type Dump, dumpName, tablesOfDump } from './migration/dumps';
export { type Study, studyMigration } from './migration/study';
export { type View, viewHost } from './observe/view';
export type { Step } from './plan/step';
export { DEFAULT_STATE, type Target } from './plan/wanted';
export type { Request } from './request';
export { DEFAULT_NETWORK, defaultSubnet } from './sandbox/default-network';
export { enter, leaveRunning, type Place } from './sandbox/process';
export { runOnThrowawayHost } from './sandbox/throwaway';
export { type FulfilOptions, type Recovered, Session } from './session';
export type { Generation } from './state/history';
export { type Base, nftImage, type State } from './state/store';
export type { Progress } from './transaction/interpreter';
