/** The blocks of the language: which statements stand in each, and which block a statement opens. */
export type Block = 'file' | 'network' | 'container' | 'attachment';

export interface StatementRule {
  /** The start symbol of the statement in tsnet.ne. */
  readonly start: string;
  readonly opens?: Block | 'rules';
}

export const BLOCKS: Readonly<Record<Block, Readonly<Record<string, StatementRule>>>> = {
  file: {
    define: { start: 'define' },
    network: { start: 'network', opens: 'network' },
    container: { start: 'container', opens: 'container' },
    allow: { start: 'allow' },
    deny: { start: 'deny' },
    expect: { start: 'expect' },
    table: { start: 'table', opens: 'rules' },
  },
  network: {
    subnet: { start: 'network_subnet' },
    gateway: { start: 'network_gateway' },
    bridge: { start: 'network_bridge' },
    mtu: { start: 'network_mtu' },
    nat: { start: 'network_nat' },
    icc: { start: 'network_icc' },
    internal: { start: 'network_internal' },
    'publish-address': { start: 'network_publish_address' },
    'trusted-interface': { start: 'network_trusted_interface' },
    log: { start: 'network_log' },
  },
  container: {
    network: { start: 'container_network', opens: 'attachment' },
    hostname: { start: 'container_hostname' },
    dns: { start: 'container_dns' },
    'dns-search': { start: 'container_dns_search' },
    host: { start: 'container_host' },
    publish: { start: 'container_publish' },
    expose: { start: 'container_expose' },
    link: { start: 'container_link' },
  },
  attachment: {
    address: { start: 'attachment_address' },
    mac: { start: 'attachment_mac' },
    alias: { start: 'attachment_alias' },
    gateway: { start: 'attachment_gateway' },
  },
};

/** How a message speaks of a block. */
export const BLOCK_NAMES: Readonly<Record<Block, string>> = {
  file: 'a file',
  network: 'a network',
  container: 'a container',
  attachment: "a container's network",
};
