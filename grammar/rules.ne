# nft's own notation, a statement of a block at a time: a rule, a chain's header, an element, a set's attribute.
@preprocessor typescript
@lexer ruleVocabulary
@{%
import { ruleVocabulary } from '../vocabulary';
import type { RuleToken } from '../rules/tokens';
import type { WordNode } from '../rules/nodes';

const wordOf = (token: RuleToken): WordNode => ({ kind: 'word', text: token.text, span: token.span });
const stringOf = (token: RuleToken): WordNode => ({ kind: 'string', text: token.text.slice(1, -1), span: token.span });
const afterAt = (token: RuleToken): WordNode => ({ kind: 'word', text: token.text.slice(1), span: token.span });
const OPERATORS: Record<string, string> = { or: '|', xor: '^', and: '&' };
const binary = (d: any[]) => ({ kind: 'binary', op: OPERATORS[d[1][0].text] ?? d[1][0].text, left: d[0], right: d[2] });
const maybe = (name: string, value: unknown) => (value ? { [name]: value } : {});
%}

rule -> statement {% d => [d[0]] %} | rule statement {% d => [...d[0], d[1]] %}

statement -> match {% id %} | vmap {% id %} | verdict {% id %} | stateful {% id %} | log {% id %} | reject {% id %}
  | nat {% id %} | assign {% id %} | update {% id %} | other {% id %}
  | "comment" text {% d => ({ kind: 'comment', text: d[1] }) %}

# Matches
match -> expression right {% d => ({ kind: 'match', left: d[0], right: d[1] }) %}
  | expression compare right {% d => ({ kind: 'match', left: d[0], op: d[1], right: d[2] }) %}
  | expression right "/" right {% d => ({ kind: 'masked', left: d[0], op: '==', value: d[1], mask: d[3] }) %}
  | expression "==" right "/" right {% d => ({ kind: 'masked', left: d[0], op: '==', value: d[2], mask: d[4] }) %}
  | expression "!=" right "/" right {% d => ({ kind: 'masked', left: d[0], op: '!=', value: d[2], mask: d[4] }) %}
compare -> ("==" | "!=" | "!" | "<=" | ">=" | "<" | ">") {% d => d[0][0].text %}
right -> list {% id %} | set {% id %} | %setref {% d => ({ kind: 'setref', name: afterAt(d[0]) }) %}
list -> constant {% id %} | items {% d => ({ kind: 'list', items: d[0] }) %}
items -> constant "," constant {% d => [d[0], d[2]] %} | items "," constant {% d => [...d[0], d[2]] %}
constant -> constant_or {% id %} | constants {% d => ({ kind: 'concat', parts: d[0] }) %}
constants -> constant_or "." constant_or {% d => [d[0], d[2]] %} | constants "." constant_or {% d => [...d[0], d[2]] %}
constant_or -> atom {% id %} | constant_or ("|" | "or") atom {% binary %}
atom -> word {% id %} | string {% id %} | string "-" string {% d => ({ kind: 'range', first: d[0], last: d[2] }) %} | "(" constant_or ")" {% d => d[1] %}

vmap -> expression "vmap" map {% d => ({ kind: 'vmap', key: d[0], map: d[2] }) %}
map -> set {% id %} | %setref {% d => ({ kind: 'setref', name: afterAt(d[0]) }) %}
set -> "{" elements "}" {% d => ({ kind: 'set', elements: d[1] }) %}
  | "{" elements "," "}" {% d => ({ kind: 'set', elements: d[1] }) %}
elements -> element {% d => [d[0]] %} | elements "," element {% d => [...d[0], d[2]] %}
element -> key options {% d => ({ key: d[0], options: d[1] }) %}
  | key options ":" data {% d => ({ key: d[0], options: d[1], data: d[3] }) %}
key -> constant {% id %}
options -> null {% () => [] %} | options option {% d => [...d[0], d[1]] %}
option -> ("timeout" | "expires") word {% d => ({ kind: d[0][0].text, value: d[1] }) %}
  | "comment" string {% d => ({ kind: 'comment', value: d[1] }) %}
  | stateful {% d => ({ kind: 'statement', statement: d[0] }) %}
data -> verdict {% id %} | constant {% id %}

# Expressions; `&` binds closer than `^`, and that than `|`
expression -> or {% id %} | concat {% d => ({ kind: 'concat', parts: d[0] }) %}
concat -> or "." or {% d => [d[0], d[2]] %} | concat "." or {% d => [...d[0], d[2]] %}
or -> xor {% id %} | or ("|" | "or") operand {% binary %}
xor -> and {% id %} | xor ("^" | "xor") operand {% binary %}
and -> shift {% id %} | and ("&" | "and") shifted {% binary %}
operand -> and {% id %} | text {% id %} | "(" constant_or ")" {% d => d[1] %}
shift -> primary {% id %} | shift ("<<" | ">>") word {% d => ({ kind: 'binary', op: d[1][0].text, left: d[0], right: d[2] }) %}
shifted -> shift {% id %} | text {% id %} | "(" constant_or ")" {% d => d[1] %}
primary -> selector {% id %}
  | %payload {% d => ({ kind: 'payload', word: wordOf(d[0]) }) %}
  | "fib" fib_keys ("oif" | "oifname" | "type") {% d => ({ kind: 'fib', keys: d[1], result: wordOf(d[2][0]) }) %}
  | "exthdr" word {% d => ({ kind: 'exthdr', header: d[1] }) %}
  | "ipsec" ("in" | "out") spnum ipsec_key
    {% d => ({ kind: 'ipsec', direction: wordOf(d[1][0]), ...maybe('spnum', d[2]), key: d[3] }) %}
  | "osf" ("name" | "version") {% d => ({ kind: 'osf', result: wordOf(d[1][0]) }) %}
  | "osf" "ttl" ("loose" | "skip") ("name" | "version") {% d => ({ kind: 'osf', ttl: wordOf(d[2][0]), result: wordOf(d[3][0]) }) %}
  | "numgen" ("inc" | "random") "mod" word offset {% d => ({ kind: 'numgen', mode: wordOf(d[1][0]), modulus: d[3], ...maybe('offset', d[4]) }) %}
  | "jhash" expression "mod" word seed offset {% d => ({ kind: 'hash', function: 'jhash', of: d[1], modulus: d[3], ...maybe('seed', d[4]), ...maybe('offset', d[5]) }) %}
  | "symhash" "mod" word offset {% d => ({ kind: 'hash', function: 'symhash', modulus: d[2], ...maybe('offset', d[3]) }) %}
  | "(" or ")" {% d => d[1] %}
selector -> (%field | %ct | %option) {% d => ({ kind: 'selector', selector: d[0][0].selector, span: d[0][0].span }) %}
spnum -> null {% () => undefined %} | "spnum" word {% d => d[1] %}
ipsec_key -> ("reqid" | "spi" | "ip saddr" | "ip daddr" | "ip6 saddr" | "ip6 daddr") {% d => wordOf(d[0][0]) %}
offset -> null {% () => undefined %} | "offset" word {% d => d[1] %}
seed -> null {% () => undefined %} | "seed" word {% d => d[1] %}
fib_keys -> fib_key {% d => [d[0]] %} | fib_keys "." fib_key {% d => [...d[0], d[2]] %}
fib_key -> ("saddr" | "daddr" | "mark" | "iif" | "oif") {% d => wordOf(d[0][0]) %}

verdict -> ("accept" | "drop" | "return" | "continue") {% d => ({ kind: 'verdict', verdict: wordOf(d[0][0]) }) %}
  | ("jump" | "goto") word {% d => ({ kind: 'verdict', verdict: wordOf(d[0][0]), chain: d[1] }) %}

# Statements that keep state
stateful -> "counter" {% () => ({ kind: 'counter' }) %}
  | "counter" "packets" word "bytes" word {% d => ({ kind: 'counter', packets: d[2], bytes: d[4] }) %}
  | ("counter" | "limit" | "quota") "name" name {% d => ({ kind: 'object', object: d[0][0].text, name: d[2] }) %}
  | "ct" "helper" "set" name {% d => ({ kind: 'object', object: 'ct helper', name: d[3] }) %}
  | "limit" rate {% d => d[1] %}
  | "quota" quota {% d => d[1] %}
  | "ct" "count" word {% d => ({ kind: 'connlimit', over: false, count: d[2] }) %}
  | "ct" "count" "over" word {% d => ({ kind: 'connlimit', over: true, count: d[3] }) %}
name -> text {% id %} | expression "map" map {% d => ({ kind: 'map', key: d[0], map: d[2] }) %}
rate -> "rate" over amount burst {% d => ({ kind: 'limit', over: d[1], rate: d[2], ...maybe('burst', d[3]) }) %}
over -> null {% () => false %} | "over" {% () => true %} | "until" {% () => false %}
amount -> %rate {% d => [wordOf(d[0])] %} | word %byterate {% d => [d[0], wordOf(d[1])] %}
burst -> null {% () => undefined %} | "burst" word word {% d => [d[1], d[2]] %}
quota -> over word word {% d => ({ kind: 'quota', over: d[0], amount: [d[1], d[2]] }) %}
  | over word word "used" word word {% d => ({ kind: 'quota', over: d[0], amount: [d[1], d[2]], used: [d[4], d[5]] }) %}

log -> "log" log_options {% d => ({ kind: 'log', options: d[1] }) %}
log_options -> null {% () => [] %} | log_options log_option {% d => [...d[0], d[1]] %}
log_option -> "prefix" text {% d => ({ name: wordOf(d[0]), value: [d[1]] }) %}
  | "level" log_level {% d => ({ name: wordOf(d[0]), value: [d[1]] }) %}
  | ("group" | "snaplen" | "queue-threshold") word {% d => ({ name: wordOf(d[0][0]), value: [d[1]] }) %}
  | "flags" log_flags {% d => ({ name: wordOf(d[0]), value: d[1] }) %}
log_level -> ("emerg" | "alert" | "crit" | "err" | "warn" | "notice" | "info" | "debug" | "audit") {% d => wordOf(d[0][0]) %}
log_flags -> ("all" | "skuid" | "ether" | "tcp sequence") {% d => [wordOf(d[0][0])] %}
  | "tcp" "options" {% d => [{ ...wordOf(d[0]), text: 'tcp options' }] %}
  | "ip" "options" {% d => [{ ...wordOf(d[0]), text: 'ip options' }] %}
  | "tcp sequence" "," "options" {% d => [wordOf(d[0]), { ...wordOf(d[0]), text: 'tcp options' }] %}
flag_list -> word {% d => [d[0]] %} | flag_list "," word {% d => [...d[0], d[2]] %}

reject -> "reject" {% () => ({ kind: 'reject' }) %}
  | "reject" "with" "tcp" "reset" {% () => ({ kind: 'reject', with: 'tcp reset' }) %}
  | "reject" "with" ("icmp" | "icmpv6" | "icmpx") word {% d => ({ kind: 'reject', with: d[2][0].text, code: d[3] }) %}
  | "reject" "with" "icmpx" "type" word {% d => ({ kind: 'reject', with: 'icmpx', code: d[4] }) %}
  | "reject" "with" ("icmp type" | "icmpv6 type") word {% d => ({ kind: 'reject', with: d[2][0].text.slice(0, -5), code: d[3] }) %}

# Address translation
nat -> ("dnat" | "snat") nat_family "to" nat_target nat_flags
    {% d => ({ kind: 'nat', nat: d[0][0].text, ...maybe('family', d[1]), prefix: false, ...d[3], flags: d[4], span: d[0][0].span }) %}
  | ("dnat" | "snat") nat_family old_target nat_flags
    {% d => ({ kind: 'nat', nat: d[0][0].text, ...maybe('family', d[1]), prefix: false, ...d[2], flags: d[3], span: d[0][0].span }) %}
  | ("dnat" | "snat") nat_family "prefix" "to" nat_target nat_flags
    {% d => ({ kind: 'nat', nat: d[0][0].text, ...maybe('family', d[1]), prefix: true, ...d[4], flags: d[5], span: d[0][0].span }) %}
  | ("masquerade" | "redirect") nat_flags {% d => ({ kind: 'nat', nat: d[0][0].text, prefix: false, flags: d[1], span: d[0][0].span }) %}
  | ("masquerade" | "redirect") "to" nat_target nat_flags
    {% d => ({ kind: 'nat', nat: d[0][0].text, prefix: false, ...d[2], flags: d[3], span: d[0][0].span }) %}
# Before nft 0.9 there was no `to`.
old_target -> word {% d => ({ target: d[0] }) %}
  | mapped {% d => ({ target: d[0] }) %}
  | mapped ":" mapped {% d => ({ target: d[0], port: d[2] }) %}
  | nat_port {% id %}
nat_family -> null {% () => undefined %} | ("ip" | "ip6") {% d => wordOf(d[0][0]) %}
nat_target -> word {% d => ({ target: d[0] }) %}
  | mapped {% d => ({ target: d[0] }) %}
  | (word | mapped) ":" mapped {% d => ({ target: d[0][0], port: d[2] }) %}
  | nat_port {% id %}
nat_port -> mapped ":" word {% d => ({ target: d[0], port: d[2] }) %}
  | ":" mapped {% d => ({ port: d[1] }) %}
  | ":" word {% d => ({ port: d[1] }) %}
mapped -> expression "map" map {% d => ({ kind: 'map', key: d[0], map: d[2] }) %}
nat_flags -> null {% () => [] %} | nat_flag_list {% id %}
nat_flag_list -> nat_flag {% d => [d[0]] %} | nat_flag_list "," nat_flag {% d => [...d[0], d[2]] %}
nat_flag -> ("random" | "fully-random" | "persistent") {% d => wordOf(d[0][0]) %}

assign -> target "set" value {% d => ({ kind: 'assign', target: d[0], value: d[2] }) %}
target -> selector {% id %} | %payload {% d => ({ kind: 'payload', word: wordOf(d[0]) }) %}
value -> list {% id %} | expression {% id %} | mapped {% id %}

update -> ("add" | "update" | "delete") %setref "{" dynamic "}" {% d => ({ kind: 'set-update', op: d[0][0].text, set: afterAt(d[1]), element: d[3] }) %}
  | "set" ("add" | "update") expression options %setref {% d => ({ kind: 'set-update', op: d[1][0].text, set: afterAt(d[4]), element: { key: d[2], options: d[3] } }) %}
# Before nft 0.8.3 it was called a flow table.
  | ("meter" | "flow" "table") word meter_size "{" dynamic "}" {% d => ({ kind: 'meter', name: d[1], ...maybe('size', d[2]), element: d[4], span: d[1].span }) %}
meter_size -> null {% () => undefined %} | "size" word {% d => d[1] %}
dynamic -> expression options {% d => ({ key: d[0], options: d[1] }) %}
  | expression options ":" dynamic_data {% d => ({ key: d[0], options: d[1], data: d[3] }) %}
dynamic_data -> constant {% id %} | expression {% id %}

other -> "notrack" {% () => ({ kind: 'notrack' }) %}
  | "queue" {% () => ({ kind: 'queue', flags: [] }) %}
  | "queue" ("num" | "to") queue_number {% d => ({ kind: 'queue', first: d[2], flags: [] }) %}
  | "queue" "num" queue_number queue_flags {% d => ({ kind: 'queue', first: d[2], flags: d[3] }) %}
  | "queue" "flags" queue_flags "to" queue_number {% d => ({ kind: 'queue', first: d[4], flags: d[2] }) %}
  | "tproxy" nat_family "to" word {% d => ({ kind: 'tproxy', ...maybe('family', d[1]), target: d[3] }) %}
  | "tproxy" nat_family "to" ":" word {% d => ({ kind: 'tproxy', ...maybe('family', d[1]), target: { ...d[4], text: ':' + d[4].text } }) %}
  | "dup" "to" value {% d => ({ kind: 'dup', address: d[2] }) %}
  | "dup" "to" value "device" value {% d => ({ kind: 'dup', address: d[2], device: d[4] }) %}
  | "fwd" "to" value {% d => ({ kind: 'fwd', device: d[2] }) %}
  | "flow" ("add" | "offload") %setref {% d => ({ kind: 'flow', table: afterAt(d[2]), span: d[0].span }) %}
  | "reset" %option {% d => ({ kind: 'reset-option', option: { ...wordOf(d[1]), text: wordOf(d[1]).text.replace(/^.* /, '') } }) %}
  | "synproxy" synproxy {% d => ({ kind: 'synproxy', options: d[1] }) %}
queue_number -> word {% id %} | expression {% id %}
queue_flags -> queue_flag {% d => [d[0]] %} | queue_flags "," queue_flag {% d => [...d[0], d[2]] %}
queue_flag -> ("bypass" | "fanout") {% d => wordOf(d[0][0]) %}
synproxy -> null {% () => [] %} | synproxy synproxy_option {% d => [...d[0], d[1]] %}
synproxy_option -> ("mss" | "wscale") word {% d => ({ name: wordOf(d[0][0]), value: d[1] }) %}
  | ("timestamp" | "sack-perm") {% d => ({ name: wordOf(d[0][0]) }) %}

# Headers of chains and attributes of sets
base -> "type" word "hook" word devices "priority" priority {% d => ({ kind: 'base', type: d[1], hook: d[3], devices: d[4], priority: d[6] }) %}
devices -> null {% () => [] %} | "device" text {% d => [d[1]] %} | "devices" "=" "{" texts "}" {% d => d[3] %}
texts -> text {% d => [d[0]] %} | texts "," text {% d => [...d[0], d[2]] %}
priority -> word {% d => [d[0]] %} | word word {% d => d %} | word ("+" | "-") word {% d => [d[0], wordOf(d[1][0]), d[2]] %}
key_types -> "type" types {% d => ({ key: d[1] }) %} | "type" types ":" types {% d => ({ key: d[1], data: d[3] }) %}
types -> type {% d => [d[0]] %} | types "." type {% d => [...d[0], d[2]] %}
  | "ct" "helper" {% d => [{ ...wordOf(d[0]), text: 'ct helper' }] %}
# `mark` is a selector too.
type -> word {% id %} | "mark" {% d => wordOf(d[0]) %}
key_typeof -> "typeof" expression {% d => ({ key: d[1] }) %} | "typeof" expression ":" typeof_data {% d => ({ key: d[1], data: d[3] }) %}
typeof_data -> expression {% id %} | typeof_types {% id %}
# As the JSON of nft 1.1 has it.
typeof_types -> word {% d => [d[0]] %} | typeof_types "." type {% d => [...d[0], d[2]] %}
flags -> "flags" flag_list {% d => d[1] %}
set_attribute -> ("timeout" | "gc-interval" | "size") word {% d => ({ name: d[0][0].text, value: d[1] }) %}
  | "policy" ("performance" | "memory") {% d => ({ name: 'policy', value: wordOf(d[1][0]) }) %}
  | ("auto-merge" | "counter") {% d => ({ name: d[0][0].text }) %}
  | "comment" string {% d => ({ name: 'comment', value: d[1] }) %}

# Lines of objects
counter_line -> "packets" word "bytes" word {% d => ({ packets: d[1], bytes: d[3] }) %}
helper_line -> "type" string "protocol" ("tcp" | "udp") {% d => ({ kind: 'type', helper: d[1], protocol: wordOf(d[3][0]) }) %}
  | "l3proto" ("ip" | "ip6" | "inet") {% d => ({ kind: 'l3proto', l3: wordOf(d[1][0]) }) %}

word -> %word {% d => wordOf(d[0]) %}
string -> %string {% d => stringOf(d[0]) %}
text -> word {% id %} | string {% id %}
