/**
 * How the options of each module are written, for rules that are made up. `{!}` is a negation or nothing, `{ip}` and the
 * like a value (`values.ts`), `a|b` one of two. `one`: only one of them stands in a use of the module, else any number.
 */
export interface Forms {
  readonly one?: true;
  /** What has to be there beside the others. */
  readonly always?: string;
  readonly forms: readonly string[];
  /** What `-p` has to ask for. */
  readonly protocol?: string;
  /** Where it may stand, where the module does not say. */
  readonly chains?: readonly string[];
}

const MARKS = ['--set-xmark {mark}', '--set-mark {mark}', '--and-mark {hex}', '--or-mark {hex}', '--xor-mark {hex}'];

export const TARGET_FORMS: Readonly<Record<string, Forms>> = {
  ACCEPT: { forms: [] },
  DROP: { forms: [] },
  RETURN: { forms: [] },
  QUEUE: { forms: [] },
  NOTRACK: { forms: [] },
  TRACE: { forms: [] },
  AUDIT: { one: true, forms: ['--type accept', '--type drop', '--type reject'] },
  CLASSIFY: { one: true, forms: ['--set-class {n9}:{n9}'] },
  CHECKSUM: { one: true, always: '--checksum-fill', forms: [] },
  CONNMARK: {
    one: true,
    forms: [
      ...MARKS,
      '--save-mark --nfmask {hex} --ctmask {hex}',
      '--restore-mark --mask {hex}',
      '--save-mark',
      '--restore-mark',
      '--save-mark --left-shift-mark {n9}',
      '--restore-mark --right-shift-mark {n9}',
      '--restore-mark --nfmask {hex} --ctmask {hex} --left-shift-mark {n9}',
      '--set-xmark {mark} --right-shift-mark {n9}',
    ],
  },
  CONNSECMARK: { one: true, forms: ['--save', '--restore'] },
  CT: {
    one: true,
    forms: [
      '--notrack',
      '--ctevents new,destroy',
      '--expevents new',
      '--zone {n255}',
      '--zone-orig {n255}',
      '--zone-reply {n255}',
    ],
  },
  DNAT: {
    always: '--to-destination {ip}|--to-destination {iprange}|-p tcp --to-destination {endpoint}',
    forms: ['--random', '--random-fully', '--persistent'],
  },
  DSCP: { one: true, forms: ['--set-dscp {n63}', '--set-dscp-class {class}'] },
  ECN: {
    one: true,
    protocol: 'tcp',
    forms: ['--ecn-tcp-remove', '--ecn-tcp-cwr {n1}', '--ecn-tcp-ece {n1}', '--ecn-ip-ect {n3}'],
  },
  HL: { one: true, forms: ['--hl-set {n255}', '--hl-inc {n9}', '--hl-dec {n9}'] },
  LOG: {
    forms: [
      '--log-level {n7}|--log-level info',
      '--log-prefix "{words} "',
      '--log-tcp-sequence',
      '--log-tcp-options',
      '--log-ip-options',
      '--log-uid',
      '--log-macdecode',
    ],
  },
  MARK: { one: true, forms: MARKS },
  MASQUERADE: { forms: ['-p tcp --to-ports {portspan}', '--random', '--random-fully'] },
  NETMAP: { one: true, forms: ['--to {net}'] },
  NFLOG: {
    forms: [
      '--nflog-group {n255}',
      '--nflog-prefix "{words}"',
      '--nflog-range {n255}|--nflog-size {n255}',
      '--nflog-threshold {n9}',
    ],
  },
  NFQUEUE: {
    one: true,
    forms: [
      '--queue-num {n255}',
      '--queue-balance 2:{n9}0 --queue-bypass',
      '--queue-balance 2:{n9}0 --queue-cpu-fanout',
    ],
  },
  REDIRECT: { forms: ['-p udp --to-ports {portspan}', '--random'] },
  REJECT: { one: true, forms: ['--reject-with {reject}', '-p tcp --reject-with tcp-reset'] },
  SET: {
    always:
      '--add-set {set} --exist|--del-set {set}|--add-set addresses src --timeout {n255} --exist|--map-set nets src --map-mark|--map-set nets src --map-prio --map-queue',
    forms: [],
  },
  SNAT: {
    always: '--to-source {ip}|--to-source {iprange}|-p udp --to-source {endpoint}',
    forms: ['--random', '--random-fully', '--persistent'],
  },
  SYNPROXY: { protocol: 'tcp', forms: ['--sack-perm', '--timestamp', '--ecn', '--wscale {n9}', '--mss {n255}'] },
  TCPMSS: {
    one: true,
    protocol: 'tcp',
    always: '--tcp-flags SYN,RST SYN',
    forms: ['--set-mss {n255}', '--clamp-mss-to-pmtu'],
    chains: ['FORWARD', 'OUTPUT', 'POSTROUTING'],
  },
  TCPOPTSTRIP: {
    one: true,
    protocol: 'tcp',
    forms: ['--strip-options timestamp', '--strip-options 2,3', '--strip-options wscale,md5'],
  },
  TEE: { one: true, forms: ['--gateway {ip}', '--gateway {ip} --oif eth1'] },
  TOS: { one: true, forms: ['--set-tos {tos}', '--and-tos {byte}', '--or-tos {byte}', '--xor-tos {byte}'] },
  TPROXY: { protocol: 'tcp|udp', always: '--on-port {port}', forms: ['--on-ip {ip}', '--tproxy-mark {mark}'] },
  TTL: { one: true, forms: ['--ttl-set {n255}', '--ttl-inc {n9}', '--ttl-dec {n9}'] },
};

/** Those that no iptables of today takes, what this machine's kernel has no module for, and what has no options that are known. */
export const NOT_MADE_UP: ReadonlySet<string> = new Set([
  'mport',
  'nth',
  'random',
  'nfacct',
  'udplite',
  'ULOG',
  '--path',
  '--helper',
  '--timeout',
  '--set-return',
]);
