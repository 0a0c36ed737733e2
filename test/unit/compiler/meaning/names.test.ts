import { UNBOUNDED } from '../../../../compiler/meaning/condition';
import { Names } from '../../../../compiler/meaning/names';

function isWithin([first, last]: readonly [number, number], number: number): boolean {
  return number >= first && number <= last;
}

describe('names', () => {
  test('no name at all is 0, whatever is met first', () => {
    const names = new Names(['eth']);
    names.numberOf('eth0');
    expect(names.numberOf('')).toBe(0);
  });

  test('a name keeps its number, and no other has it', () => {
    const names = new Names(['eth', 'eth1', 'br-']);
    const all = ['lo', 'eth0', 'eth1', 'eth10', 'br-1', 'eth', 'wlan0'];
    const numbers = all.map((name) => names.numberOf(name));
    expect(new Set(numbers).size).toBe(all.length);
    expect(all.map((name) => names.numberOf(name))).toEqual(numbers);
    expect(numbers.map((number) => names.textOf(number))).toEqual(all);
  });

  test('those that begin alike are a range, also those that are met later', () => {
    const names = new Names(['eth', 'eth1', 'e', 'wlan']);
    const all = ['lo', 'enp3', 'eth0', 'eth1', 'eth10', 'wlan0', 'e', ''];
    for (const beginning of ['eth', 'eth1', 'e', 'wlan', '']) {
      const range = names.rangeOf(beginning);
      expect(all.filter((name) => isWithin(range, names.numberOf(name)))).toEqual(
        all.filter((name) => name.startsWith(beginning)),
      );
    }
    expect(names.rangeOf('')).toEqual([0, UNBOUNDED]);
  });

  test('a number that nobody was given is some name that nobody has', () => {
    const names = new Names(['eth', 'eth1']);
    const known = ['eth0', 'eth10', 'any0', 'lo'].map((name) => names.numberOf(name));
    const [first, last] = names.rangeOf('eth1');
    expect([last, last - 1, first + 1].map((number) => names.textOf(number))).toEqual(['eth11', 'eth11', 'eth11']);
    expect(names.textOf(names.rangeOf('eth')[1])).toBe('eth2');
    expect(names.textOf(2 ** 40)).toBe('any1');
    expect(known.map((number) => names.textOf(number))).toEqual(['eth0', 'eth10', 'any0', 'lo']);
  });
});
