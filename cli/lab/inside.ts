import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../../compiler';
import { type Address, formatAddress, formatPrefix, readAddress, sameAddress } from '../../dsl/core/address';
import type { Topology } from '../../dsl/intent/topology';
import {
  addOutside,
  askProbes,
  connectOutside,
  DEFAULT_STATE,
  makeCommands,
  type Probe,
  runShell,
  Session,
  serversFor,
  startServers,
  traceProbe,
  withPorts,
} from '../../runtime';
import { EXIT, Flags } from '../command';
import { reportFaults, reportResponse } from '../session';
import { greeting } from './greeting';
import { takeRequest } from './request';

/** The first process of a lab's host: makes there what is asked for, and runs the shell. All ends with it. */
async function main(): Promise<number> {
  // As first process of its namespace it is deaf to signals that it does not handle.
  const interrupted = () => process.exit(130);
  process.once('SIGINT', interrupted);
  const request = takeRequest();
  const flags = new Flags({ json: request.json });
  makeCommands(join(__dirname, '..', 'main.js'));
  const connected = await connectOutside(request.layout);
  if (!connected.ok) return reportFaults([connected.fault], flags);
  const session = Session.open(process.env.TSNET_STATE ?? DEFAULT_STATE);
  if (!session.ok) return reportFaults([session.fault], flags);
  const { input, target, ipset } = request;
  const response = await session.value.fulfil({ kind: 'apply', ...input, target, ipset }, { dryRun: false });
  const applied = reportResponse(response, flags, () => undefined);
  if (response.kind !== 'applied') return applied;
  const { topology } = response.compiled;
  const named = request.servers ? serversFor(topology) : { servers: [], without: [] };
  const plan = request.survey ? { ...named, servers: withPorts(named.servers, request.survey.open) } : named;
  for (const { message } of await startServers(session.value, plan.servers))
    process.stderr.write(`tsnet: warning: ${message}\n`);
  if (request.survey) {
    const { probes, file } = request.survey;
    writeFileSync(
      file,
      JSON.stringify(await askProbes(session.value, probes, routesOutside(topology, request.layout))),
    );
    return EXIT.done;
  }
  if (request.trace) {
    const { probe, file } = request.trace;
    const missing = outsideAddress(probe, request.layout);
    const added = missing && (await addOutside(missing));
    if (added && !added.ok) return reportFaults([added.fault], flags);
    const traced = await traceProbe(session.value, probe, routesOutside(topology, request.layout));
    if (!traced.ok) return reportFaults([traced.fault], flags);
    writeFileSync(file, JSON.stringify(traced.value));
    return EXIT.done;
  }
  if (request.run === undefined && process.stdin.isTTY)
    process.stderr.write(greeting({ topology, layout: request.layout, ...plan }));
  process.off('SIGINT', interrupted);
  const shell = await runShell(request.run);
  return shell.ok ? shell.value : reportFaults([shell.fault], flags);
}

/** The address outside that a packet is sent from, where nobody has it yet. */
function outsideAddress({ from, source }: Probe, { wires }: Layout): Address | undefined {
  const address = from === 'outside' && source !== null ? readAddress(source) : undefined;
  const known = wires.flatMap(({ outside }) => outside);
  return address && !known.some((one) => sameAddress(one.address, address)) ? address : undefined;
}

/** To each network, by the host's address of that family. */
function routesOutside({ networks }: Topology, { wires: [uplink] }: Layout) {
  return networks
    .flatMap(({ subnets }) => subnets)
    .flatMap(({ prefix }) => {
      const host = uplink.host.find(({ address }) => address.family === prefix.family);
      return host ? [{ prefix: formatPrefix(prefix), via: formatAddress(host.address) }] : [];
    });
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`tsnet: this is a bug: ${error.message}\n`);
    process.exit(EXIT.bug);
  },
);
