import { type HostFault, refused } from '../host/fault';
import type { Command, HostOp, Insides, Observation } from '../host/port';
import { planMigration, reloadStep } from '../migration/plan';
import type { Mend } from '../observe/foreign/obstacles';
import { insideDrift } from '../observe/insides';
import type { HostRecord } from '../state/records';
import type { State } from '../state/store';
import { inwardSteps, planDevices } from './devices';
import { containerFiles, filesRemoval } from './files';
import type { PlanInput } from './input';
import { presentOf } from './present';
import { planRecords, recordsAfter } from './records';
import { planRuleset } from './ruleset';
import { inOrder, type Step } from './step';
import { type Wanted, wantedOf } from './wanted';

/** What was made, by the state's own records. */
export function recorded({ networks, containers, host }: Pick<State, 'networks' | 'containers' | 'host'>): Wanted {
  return {
    bridges: [...networks.values()].map(({ bridge }) => bridge),
    sandboxes: [...containers.values()].flatMap(({ sandbox }) => (sandbox ? [sandbox] : [])),
    sysctls: (host?.sysctls ?? []).map(({ key, value }) => ({ key, value })),
  };
}

/** Every step from what is applied to what the compiled intent asks for, in the order in which they are taken. */
export function makePlan(input: PlanInput): Step[] {
  const { state, directory, compiled, seen, sysctl } = input;
  const after = wantedOf(compiled.topology, directory, input.ruleset.target);
  const { devices: before, broken, steps: mends } = presentOf(recorded(state), seen, sysctl);
  const inward = planInward(recorded(state), after, input.insides);
  const devices = [
    ...mends.filter((step) => concerns(step, after)),
    ...planDevices(before, after, { sysctl, broken }),
    ...inward,
  ];
  const ruleset = planRuleset(state, input.ruleset, seen, input.stale, directory);
  const records = planRecords(input, recordsAfter(input, after, keptMends(input)));
  const settings = planSettingsBack(state, after, input);
  const migration = planMigration(state.migration, input.migration);
  const reload = input.bare && input.migration ? [reloadStep(input.migration)] : [];
  return inOrder([
    ...planFiles(input),
    ...devices,
    ...ruleset,
    ...migration,
    ...reload,
    ...planMends(input),
    ...records,
    ...settings,
  ]);
}

/** Endpoints that stay as they are, and whose inside does not. */
function planInward(before: Wanted, after: Wanted, insides: Insides): Step[] {
  const stays = new Set(after.sandboxes.flatMap(({ endpoints }) => endpoints.map((one) => JSON.stringify(one))));
  const drifted = insideDrift(before, insides).filter(({ endpoint }) => stays.has(JSON.stringify(endpoint)));
  const once = new Map(drifted.map((one) => [one.endpoint.veth, one]));
  return [...once.values()].flatMap(({ sandbox, endpoint }) => inwardSteps(sandbox, endpoint));
}

/** A device that leaves anyway needs no mend. */
function concerns({ do: op }: Step, { bridges, sandboxes }: Wanted): boolean {
  if (op.op !== 'link.up') return true;
  return (
    bridges.some(({ name }) => name === op.name) ||
    sandboxes.some(({ endpoints }) => endpoints.some(({ veth }) => veth === op.name))
  );
}

/** What stands in the way of a plan: names that somebody else uses. */
export function conflicts(
  steps: readonly Step[],
  { tables: ours = [], xtables = null }: Partial<HostRecord>,
  tables: readonly string[],
  seen: Observation,
): HostFault[] {
  const links = new Set(seen.links.map(({ name }) => name));
  const namespaces = new Set(seen.namespaces);
  const leaving = new Set(
    steps.flatMap((step) => (step.do.op === 'link.remove' && step.phase === 'prepare' ? [step.do.name] : [])),
  );
  const faults = steps.flatMap(({ do: op }) => {
    if ((op.op === 'bridge.add' || op.op === 'veth.add') && links.has(op.name) && !leaving.has(op.name))
      return [
        refused('TN5005', `the interface ${op.name} is there already, and tsnet did not make it`, {
          hint: 'give the network another `bridge`, or delete the interface',
        }).fault,
      ];
    if (op.op === 'namespace.add' && namespaces.has(op.namespace))
      return [
        refused(
          'TN5005',
          `the network namespace ${op.namespace} is there already, and this state directory does not know it`,
        ).fault,
      ];
    return [];
  });
  const chains = xtables ? [] : [...(seen.xtables?.ip.chains.keys() ?? []), ...(seen.xtables?.ip6.chains.keys() ?? [])];
  const foreign = tables.filter((table) => seen.tables.includes(table) && !ours.includes(table));
  return [
    ...faults,
    ...chains.slice(0, 1).map(
      (chain) =>
        refused('TN5005', `the iptables chain ${chain} is there already, and this state directory does not know it`, {
          hint: 'take it down with the state directory it came from',
        }).fault,
    ),
    ...foreign.map(
      (table) =>
        refused('TN5005', `the nft table ${table} is there already, and this state directory does not know it`, {
          hint: `take it down with the state directory it came from, or: nft delete table ${table}`,
        }).fault,
    ),
  ];
}

function planFiles({ state, directory, compiled, resolvConf, readFile }: PlanInput): Step[] {
  const { containers } = compiled.topology;
  const present = new Set<string>(containers.map(({ name }) => name));
  const removed = [...state.containers.keys()].filter((name) => !present.has(name));
  return [
    ...containers.flatMap((container) => containerFiles(container, directory, resolvConf, readFile)),
    ...removed.map((name) => filesRemoval(directory, name)),
  ];
}

function keptMends({ state, compiled, mends }: PlanInput): Omit<Mend, 'commands'>[] {
  const present = new Set<string>(compiled.topology.networks.map(({ name }) => name));
  return [...(state.host?.mends ?? []).filter(({ network }) => present.has(network)), ...mends];
}

/** What others were told for a network that leaves, they are told to forget. */
function planMends(input: PlanInput): Step[] {
  const kept = keptMends(input);
  const gone = (input.state.host?.mends ?? []).filter((mend) => !kept.includes(mend));
  const op = (command: Command): HostOp => ({ op: 'mend', command });
  return [
    ...input.mends.flatMap(({ title, commands, back }) =>
      commands.map(
        (command, index): Step => ({
          phase: 'activate',
          title: `${title}: ${command.join(' ')}`,
          do: op(command),
          undo: back.slice(index, index + 1).map(op),
        }),
      ),
    ),
    ...gone.flatMap(({ title, back }) =>
      back.map(
        (command): Step => ({
          phase: 'retire',
          title: `no longer ${title}: ${command.join(' ')}`,
          do: op(command),
          undo: 'irreversible',
        }),
      ),
    ),
  ];
}

/** Settings that were ours alone get their old value back, unless somebody changed them since. */
function planSettingsBack({ host }: State, after: Wanted, { sysctl }: PlanInput): Step[] {
  return (host?.sysctls ?? []).flatMap(({ key, value, before }): Step[] => {
    if (before === null || before === value || after.sysctls.some((one) => one.key === key) || sysctl(key) !== value)
      return [];
    return [
      {
        phase: 'retire',
        title: `set ${key.replaceAll('/', '.')} back to ${before}`,
        do: { op: 'sysctl.set', key, value: before },
        undo: 'irreversible',
      },
    ];
  });
}
