import type { Name } from '../../../../dsl/core/names';
import { bridgeName, vethName } from '../../../../dsl/intent/resolve/device-names';

/** IFNAMSIZ less its terminating NUL. */
const LONGEST = 15;

test('a name that fits is kept', () => {
  expect(vethName('web' as Name, 0)).toBe('tv-web-0');
  expect(bridgeName('front' as Name)).toBe('tn-front');
});

test('long names that begin alike are told apart, 20,000 of them', () => {
  const names = Array.from({ length: 20_000 }, (_, number) => `project-service-${number}` as Name);
  const devices = new Set(names.flatMap((name) => [bridgeName(name), vethName(name, 0)]));
  expect(devices.size).toBe(2 * names.length);
  expect([...devices].filter(({ length }) => length > LONGEST)).toEqual([]);
});

test('however many networks a container is in, its host ends have names that fit', () => {
  const ends = [9, 10, 99, 999, 1000, 100_000].map((index) => vethName('a-container-of-many' as Name, index));
  expect(new Set(ends).size).toBe(ends.length);
  expect(ends.filter(({ length }) => length > LONGEST)).toEqual([]);
});
