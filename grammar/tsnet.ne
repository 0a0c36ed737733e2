# The statements of the language, each parsed by itself: the start symbol is chosen by the block the statement stands in
# and its first word. Blocks are not part of it: statements.ts splits the text by its braces first.
@preprocessor typescript
@lexer vocabulary
@{%
import { vocabulary } from '../vocabulary';

const service = (d: any[]) => (d[0] ? { service: d[0] } : {});
%}

define -> "define" name %equals prefixes {% d => ({ kind: 'define', name: d[1], members: d[3] }) %}

network -> "network" name {% d => ({ kind: 'network', name: d[1] }) %}
container -> "container" name {% d => ({ kind: 'container', name: d[1] }) %}
table -> "table" family name {% d => ({ kind: 'table', family: d[1], name: d[2] }) %}
family -> ("ip" | "ip6" | "inet" | "bridge" | "arp" | "netdev") {% d => d[0][0] %}

allow -> "allow" policy {% d => ({ ...d[1], action: d[0] }) %}
deny -> "deny" policy {% d => ({ ...d[1], action: d[0] }) %}
policy -> party %arrow party service:? {% d => ({ kind: 'policy', from: d[0], to: d[2], ...service([d[3]]) }) %}
expect -> "expect" party %arrow party service:? outcome
  {% d => ({ kind: 'expect', from: d[1], to: d[3], ...service([d[4]]), outcome: d[5] }) %}
outcome -> "allowed" {% () => ({ kind: 'allowed' }) %}
  | "denied" {% () => ({ kind: 'denied' }) %}
  | "reaches" name {% d => ({ kind: 'reaches', container: d[1] }) %}
  | "reaches" name protocol port {% d => ({ kind: 'reaches', container: d[1], protocol: d[2], port: d[3] }) %}

service -> protocol {% d => ({ protocol: d[0], ports: [] }) %}
  | protocol ports {% d => ({ protocol: d[0], ports: d[1] }) %}
protocol -> ("tcp" | "udp" | "sctp") {% d => d[0][0] %}
ports -> port_list {% id %} | %set {% d => d[0].members %}
port_list -> port {% d => [d[0]] %} | port_list %comma port {% d => [...d[0], d[2]] %}

# In a network
network_subnet -> "subnet" subnet {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
network_gateway -> "gateway" address {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
network_bridge -> "bridge" interface {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
network_mtu -> "mtu" number {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
network_nat -> "nat" ("masquerade" | "routed") {% d => ({ kind: 'nat', keyword: d[0], mode: d[1][0], addresses: [] }) %}
  | "nat" "snat" addresses {% d => ({ kind: 'nat', keyword: d[0], mode: d[1], addresses: d[2] }) %}
network_icc -> "icc" ("on" | "off") {% d => ({ kind: 'value', keyword: d[0], value: d[1][0] }) %}
network_internal -> "internal" {% d => ({ kind: 'flag', keyword: d[0] }) %}
network_publish_address -> "publish-address" addresses {% d => ({ kind: 'values', keyword: d[0], values: d[1] }) %}
network_trusted_interface -> "trusted-interface" interfaces {% d => ({ kind: 'values', keyword: d[0], values: d[1] }) %}
network_log -> "log" "drops" {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}

# In a container
container_network -> "network" name {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
  | "network" "container" name {% d => ({ kind: 'join', keyword: d[0], container: d[2] }) %}
container_hostname -> "hostname" host_name {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
container_dns -> "dns" addresses {% d => ({ kind: 'values', keyword: d[0], values: d[1] }) %}
container_dns_search -> "dns-search" host_names {% d => ({ kind: 'values', keyword: d[0], values: d[1] }) %}
container_host -> "host" host_name address {% d => ({ kind: 'host', keyword: d[0], name: d[1], address: d[2] }) %}
container_publish -> "publish" publish from limit
  {% d => ({ kind: 'publish', keyword: d[0], spec: d[1], from: d[2], ...(d[3] ? { limit: d[3] } : {}) }) %}
from -> null {% () => [] %} | "from" members {% d => d[1] %}
limit -> null {% () => undefined %} | "limit" rate {% d => d[1] %}
container_expose -> "expose" exposed_ports {% d => ({ kind: 'values', keyword: d[0], values: d[1] }) %}
container_link -> "link" name {% d => ({ kind: 'link', keyword: d[0], target: d[1] }) %}
  | "link" name "as" host_name {% d => ({ kind: 'link', keyword: d[0], target: d[1], alias: d[3] }) %}

# In a container's network
attachment_address -> "address" address {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
attachment_mac -> "mac" mac {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}
attachment_alias -> "alias" host_names {% d => ({ kind: 'values', keyword: d[0], values: d[1] }) %}
attachment_gateway -> "gateway" address {% d => ({ kind: 'value', keyword: d[0], value: d[1] }) %}

# Words by what they should be; an error message says which was expected.
name -> %word {% id %}
party -> %word {% id %}
prefix -> %word {% id %}
subnet -> %word {% id %}
address -> %word {% id %}
interface -> %word {% id %}
number -> %word {% id %}
host_name -> %word {% id %}
mac -> %word {% id %}
publish -> %word {% id %}
port -> %word {% id %}
rate -> %word {% id %}

prefixes -> prefix_list {% id %} | %set {% d => d[0].members %}
prefix_list -> prefix {% d => [d[0]] %} | prefix_list %comma prefix {% d => [...d[0], d[2]] %}
members -> party_list {% id %} | %set {% d => d[0].members %}
party_list -> party {% d => [d[0]] %} | party_list %comma party {% d => [...d[0], d[2]] %}
addresses -> address {% d => [d[0]] %} | addresses address {% d => [...d[0], d[1]] %} | addresses %comma address {% d => [...d[0], d[2]] %}
interfaces -> interface {% d => [d[0]] %} | interfaces interface {% d => [...d[0], d[1]] %} | interfaces %comma interface {% d => [...d[0], d[2]] %}
host_names -> host_name {% d => [d[0]] %} | host_names host_name {% d => [...d[0], d[1]] %} | host_names %comma host_name {% d => [...d[0], d[2]] %}
exposed_ports -> port {% d => [d[0]] %} | exposed_ports port {% d => [...d[0], d[1]] %} | exposed_ports %comma port {% d => [...d[0], d[2]] %}
