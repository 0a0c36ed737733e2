import { oneOf, type Random } from '../random';
import type { Family } from './cases';

const V4 = ['10.0.0.1', '10.1.2.3', '192.168.1.77', '203.0.113.9', '255.255.255.255'];
const V6 = ['2001:db8::1', 'fd00::7', 'fe80::1', '::1', '2001:db8:1::ffff'];
const FLAGS = ['SYN', 'ACK', 'FIN', 'RST', 'URG', 'PSH'];
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];

const DCCP_TYPES = ['REQUEST', 'RESPONSE', 'DATA', 'ACK', 'DATAACK', 'CLOSEREQ', 'CLOSE', 'RESET', 'SYNC', 'SYNCACK'];
const CHUNKS = [
  'DATA',
  'INIT',
  'INIT_ACK',
  'SACK',
  'HEARTBEAT',
  'ABORT',
  'SHUTDOWN',
  'COOKIE_ECHO',
  'ASCONF',
  'I_DATA',
];
const DAYS_OF_MONTH = Array.from({ length: 31 }, (_, day) => day + 1).join(',');

/** Some of a list, at least one, in its order. */
function some(below: Random, list: readonly string[]): string {
  const chosen = list.filter(() => below(list.length) < 2);
  return (chosen.length > 0 ? chosen : [oneOf(below, list)]).join(',');
}

/** A value of a kind: mostly at the edges of what there is. */
export function valueFor(kind: string, family: Family, below: Random): string {
  const number = (max: number) => oneOf(below, [0, 1, 2, max - 1, max, below(max + 1)]);
  const atLeastOne = (max: number) => String(Math.max(1, number(max)));
  const range = (max: number, between = ':') => {
    const [a, b] = [number(max), number(max)];
    return below(2) ? String(a) : `${Math.min(a, b)}${between}${Math.max(a, b)}`;
  };
  const address = () => oneOf(below, family === 4 ? V4 : V6);
  const hex = () => `0x${oneOf(below, [0, 1, 0xff, 0xff00, 0xffffffff, below(0x7fffffff)]).toString(16)}`;
  const bits = family === 4 ? 32 : 128;
  switch (kind) {
    case 'port':
      return String(number(65535));
    case 'ports':
      return range(65535);
    case 'portspan':
      return range(65535, '-').replace(/^0/, '1');
    case 'portlist':
      return Array.from({ length: 1 + below(4) }, () => range(65535)).join(',');
    case 'endpoint':
      return family === 4 ? `${address()}:${atLeastOne(65535)}` : `[${address()}]:${atLeastOne(65535)}`;
    case 'ip':
      return address();
    case 'net': {
      const mask = family === 4 && below(8) === 0 ? '255.0.255.0' : String(number(bits));
      return below(3) ? `${address()}/${mask}` : address();
    }
    case 'netmask':
      return family === 4 ? oneOf(below, ['255.255.255.255', '255.255.0.0', '255.0.0.0']) : 'ffff:ffff:ffff:ffff::';
    case 'prefix':
      return String(1 + below(bits));
    case 'iprange': {
      const list = family === 4 ? V4.slice(0, 4) : ['::1', '2001:db8::1', 'fd00::7', 'fe80::1'];
      const first = below(list.length);
      return `${list[first]}-${list[first + below(list.length - first)]}`;
    }
    case 'iface':
      return oneOf(below, ['eth0', 'eth+', 'lo', 'br-lan', 'ppp0', 'wlan0.5', 'a']);
    case 'mac':
      return oneOf(below, ['02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '0a:1B:2c:3D:4e:5F']);
    case 'mark':
      return below(2) ? hex() : `${hex()}/${hex()}`;
    case 'hex':
      return hex();
    case 'byte':
      return String(number(255));
    case 'tos':
      return oneOf(below, ['0x10', '0x08/0x3f', '0xff', '0x04/0xfc', 'Minimize-Delay']);
    case 'class':
      return oneOf(below, ['CS0', 'CS7', 'EF', 'AF11', 'AF43', 'BE']);
    case 'range16':
      return range(65535);
    case 'range32':
      return range(0xffffffff);
    case 'ids':
      return range(0xfffffffe, '-');
    case 'states':
      return some(below, [...STATES, 'SNAT', 'DNAT']);
    case 'plainstates':
      return some(below, STATES);
    case 'status':
      return some(below, ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED']);
    case 'proto':
      return oneOf(below, ['tcp', 'udp', 'icmp', '47', '132']);
    case 'flags':
      return oneOf(below, ['ALL', 'NONE', some(below, FLAGS), some(below, FLAGS)]);
    case 'icmp':
      return oneOf(below, ['any', '8', '3/4', 'echo-reply', 'fragmentation-needed', '13', '255', '5/1']);
    case 'icmp6':
      return oneOf(below, ['128', '1/4', 'echo-reply', 'router-advertisement', '135', 'packet-too-big']);
    case 'addrtype':
      return some(
        below,
        family === 4 ? ['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST', 'ANYCAST'] : ['LOCAL', 'UNICAST', 'MULTICAST'],
      );
    case 'rate':
      return `${1 + below(1000)}/${oneOf(below, ['second', 'sec', 'minute', 'm', 'hour'])}`;
    case 'chance':
      return oneOf(below, ['0.5', '0.33333333349', '0.1', '1.0', '0.00001']);
    case 'hashmode':
      return oneOf(below, ['srcip', 'dstip', 'srcip,dstip', 'srcip,dstport', 'srcip,srcport,dstip,dstport']);
    case 'name':
      return oneOf(below, ['ssh', 'HTTP', 'a_b', 'x-1']) + below(1000);
    case 'set':
      return family === 4
        ? oneOf(below, ['nets src', 'nets dst', 'pairs src,dst', 'ports dst', 'addresses src'])
        : oneOf(below, ['nets6 src', 'nets6 dst']);
    case 'reject':
      return family === 4
        ? oneOf(below, [
            'icmp-port-unreachable',
            'icmp-net-unreachable',
            'icmp-host-prohibited',
            'icmp-admin-prohibited',
            'icmp-proto-unreachable',
          ])
        : oneOf(below, [
            'icmp6-no-route',
            'icmp6-adm-prohibited',
            'icmp6-port-unreachable',
            'icmp6-addr-unreachable',
            'icmp6-policy-fail',
          ]);
    case 'word':
      return oneOf(below, ['plain', 'a-b', 'été', '日本']);
    case 'words':
      return oneOf(below, ['dropped:', 'two words', "it's", '$HOME', 'semi;colon', '{ }', '# no', 'x'.repeat(20)]);
    case 'openrange':
      return range(0xffffffff).replace(/^(\d+)$/, (text) => (below(2) ? `${text}:` : text));
    case 'range8':
      return range(255);
    case 'direction':
      return oneOf(below, ['original', 'reply', 'both']);
    case 'bytesmode':
      return oneOf(below, ['packets', 'bytes', 'avgpkt']);
    case 'headerlength':
      return oneOf(below, ['8', '16', '24', '2048', '12', '0']);
    case 'headeroptions':
      return oneOf(below, ['5', '5:2', '149:92,12']);
    case 'headers':
      return some(below, ['hop', 'dst', 'route', 'frag', 'auth', 'esp', 'none', 'prot']);
    case 'mobility':
      return below(2) ? range(255) : oneOf(below, ['binding-update', 'brr', 'home-test-init:home-test', 'cot']);
    case 'genre':
      return oneOf(below, ['Linux', 'Windows', 'unknown', 'BSD/OS']);
    case 'dccp':
      return some(below, [...DCCP_TYPES, 'INVALID']);
    case 'chunks':
      return below(4) === 0 ? oneOf(below, ['ALL', 'NONE', 'DATA:Be', 'ABORT:T,INIT', 'DATA:UI']) : some(below, CHUNKS);
    // Behind the header of IP, whose bytes nft lists by the names of its fields.
    case 'near':
      return oneOf(below, ['40', '44', '50']);
    case 'far':
      return String(50 + below(12));
    case 'hexbytes':
      return oneOf(below, ['|de ad be ef|', 'a|0d0a|b', '|00|', `|${'41'.repeat(40)}|`, 'x']);
    case 'clock':
      return oneOf(below, ['0:00', '09:00', '17:30:15', '23:59:59', '06:00']);
    case 'date':
      return oneOf(below, ['2030', '2030-02', '2031-12-31T23:59:59', '1970-01-01', '2038-01-19T03:14:07']);
    case 'weekdays':
      return oneOf(below, [
        some(below, ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']),
        '1,7',
        'Mo,Su',
        '1,2,3,4,5,6,7',
      ]);
    case 'monthdays':
      return oneOf(below, ['1', '15,31', '22nd,23rd', DAYS_OF_MONTH]);
    case 'u32':
      return oneOf(below, ['6&0xFF=1', '0>>16&0xFF=5:9', '4=0x0:0xFFFF', '0&0xFFFF=0x100:0xFFFF']);
    default: {
      const max = /^n(\d+)$/.exec(kind)?.[1];
      if (max === undefined) throw new Error(`no value for {${kind}}`);
      return max === '255' || max === '9' ? atLeastOne(Number(max)) : String(number(Number(max)));
    }
  }
}
