import { compile } from '../../../../compiler';
import { assumedSurroundings, World } from '../../../../compiler/world/world';

const compiled = compile([{ name: 'shop.tsnet', text: 'network front { subnet 172.17.0.0/16 }' }]);
if (!compiled.ok) throw new Error('it does not compile');
const surroundings = assumedSurroundings(compiled.value.topology);

test('the way out is the default route', () => {
  expect(new World(surroundings).uplink()).toBe('eth0');
});

test('without a default route a network of the intent, however wide, is no way out', () => {
  const routes = surroundings.routes.filter(({ prefix }) => prefix.length > 0);
  const narrow = routes.flatMap((route) =>
    route.interface === 'tn-front'
      ? [route, { ...route, interface: 'eth7', prefix: { ...route.prefix, length: 24 } }]
      : [],
  );
  expect(new World({ ...surroundings, routes: narrow }).uplink()).toBe('eth7');
});
