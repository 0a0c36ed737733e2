import { comment, iifname, ip, ip6, log, meta, table, tcp } from 'tsnet';

describe('what types let pass and is no value', () => {
  test.each([
    ['an octet too large', () => ip.saddr.is('10.0.0.256')],
    ['a prefix too long', () => ip.saddr.is('10.0.0.0/33')],
    ['an IPv6 prefix too long', () => ip6.saddr.is('fd00::/129')],
    ['a port too large', () => tcp.dport.is(65536)],
    ['a range of ports that ends too late', () => tcp.dport.is('1-65536')],
    ['a port with a fraction', () => tcp.dport.is(80.5)],
    ['a negative mark', () => meta.mark.is(-1)],
    ['an interface that ends its string', () => iifname.is('eth0" accept comment "')],
    ['a comment of two lines', () => comment('a\nb')],
    ['a comment too long', () => comment('a'.repeat(129))],
    ['a log prefix with a quote', () => log({ prefix: 'a"b' })],
    ['a table that ends its block', () => table('inet', 'x {}')],
    ['a chain that ends its block', () => table('inet', 'x').chain('a }', () => [])],
    ['a set that ends its block', () => table('inet', 'x').set('a }', 'mark')],
    ['a set with a comment of two lines', () => table('inet', 'x').set('a', 'mark', { comment: 'a\nb' })],
  ])('%s', (_, build) => {
    expect(build).toThrow(RangeError);
  });
});
