import * as r from '../../dsl/rules';

const { ip, ip6, tcp, udp, ct, meta, iifname, icmp, fib, th, accept, drop, rule, concat } = r;

export const host = r
  .table('inet', 'host')
  .set('lan', 'ipv4_addr', { flags: ['interval'], elements: ['10.0.0.0/8', '192.168.1.5', '172.16.0.1-172.16.0.9'] })
  .set('pairs', ['ipv4_addr', 'inet_service'], { elements: [['10.0.0.1', 22]] })
  .set('seen', 'ipv4_addr', { flags: ['dynamic', 'timeout'], size: 65535, timeoutMs: 60_000 })
  .map('services', 'inet_service', ['ipv4_addr', 'inet_service'], { elements: [[80, ['10.0.0.2', 8080]]] })
  .map('marks', 'ipv4_addr', 'mark', { elements: [['10.0.0.1', 7]] })
  .counter('web')
  .limit('slow', '10/second', { burst: 20 })
  .quota('month', 1_000_000, { over: true })
  .helper('ftp', 'ftp', 'tcp')
  .chain('from_lan', (t) => [
    rule(tcp.dport.is(22), t.counter('web'), accept, r.comment('ssh')),
    rule(tcp.dport.is(21), t.helper('ftp')),
    rule(meta.mark.set(ip.saddr.map(t.map('marks')))),
    rule(r.return_),
  ])
  .vmap('from', 'ifname', {
    elements: (t) => [
      ['eth0', t.jump('from_lan')],
      ['lo', accept],
    ],
  })
  .chain('to_web', (t) => [
    rule(tcp.dport.is(80), r.dnat('10.0.0.2', { port: 8080 })),
    rule(r.dnat(tcp.dport.map(t.map('services')))),
  ])
  .chain('refuse', () => [rule(meta.l4proto.is('tcp'), r.reject('tcp reset')), rule(r.reject())])
  .baseChain('input', { type: 'filter', hook: 'input', priority: 'filter', policy: 'drop' }, (t) => [
    rule(ct.state.is('established', 'related'), accept),
    rule(
      ct.state.vmap([
        ['invalid', drop],
        ['new', r.continue_],
      ]),
    ),
    rule(iifname.vmap(t.vmap('from'))),
    rule(iifname.is('lo', 'veth*'), accept),
    rule(ip.saddr.in(t.set('lan')), tcp.dport.is(22, '8000-8080'), t.limit('slow'), accept),
    rule(concat(ip.saddr, tcp.dport).in(t.set('pairs')), accept),
    rule(ct.state.is('new'), r.addTo(t.set('seen'), ip.saddr, { timeoutMs: 600_000 })),
    rule(icmp.type.is('echo-request'), r.limit('5/second'), accept),
    rule(meta.mark.and(0xff).is(1), accept),
    rule(ip6.hoplimit.lessThan(5), drop),
    rule(tcp.flags.is('fin', 'psh', 'urg'), drop),
    rule(fib(['daddr'], 'type').is('local', 'broadcast'), accept),
    rule(ct.original.ipSaddr.is('10.0.0.1'), accept),
    rule(meta.nfproto.is('ipv4'), meta.l4proto.is('tcp', 'udp'), th.dport.is(5353), accept),
    rule(r.connections(20, { over: true }), t.jump('refuse')),
    rule(r.log({ prefix: 'in: ', level: 'info' }), r.counter, r.quota(1000)),
    rule(t.goto('refuse')),
  ])
  .baseChain('dstnat', { type: 'nat', hook: 'prerouting', priority: 'dstnat + 1' }, (t) => [
    rule(fib(['daddr'], 'type').is('local'), t.jump('to_web')),
    rule(udp.dport.is(53), r.redirect({ port: 5353 })),
    rule(tcp.dport.is(81), r.dnat('fd00::2', { port: 80 })),
  ])
  .baseChain('srcnat', { type: 'nat', hook: 'postrouting', priority: 'srcnat' }, () => [
    rule(ip.saddr.is('10.0.0.0/8'), r.masquerade({ flags: ['random'] })),
    rule(ip.saddr.is('172.16.0.1'), r.snat('203.0.113.7-203.0.113.9')),
  ])
  .baseChain('raw', { type: 'filter', hook: 'prerouting', priority: 'raw' }, () => [rule(udp.dport.is(53), r.notrack)]);
