import { compile, describeOrigin, print } from '../../../../compiler';
import { readRulesetText } from '../../../../compiler/targets/nft/read/tables';
import { appliedOrigins, explain } from '../../../../compiler/why';
import { assumedSurroundings, World } from '../../../../compiler/world/world';

const INTENT = `network front { subnet 10.1.0.0/24 }
network back { subnet 10.2.0.0/24 }
container web { network front; publish 8080:80; publish 8081:81 from 203.0.113.0/24 }
container db { network back; publish 5432:5432 limit 5/second }
allow web -> db tcp 5432
deny front -> 198.51.100.0/24
`;

const QUESTIONS = [
  'from outside to host tcp 8080',
  'from 203.0.113.9 to host tcp 8081',
  'from 192.0.2.77 to host tcp 8081',
  'from outside to host tcp 5432',
  'from web to db tcp 5432',
  'from db to web tcp 80',
  'from web to 198.51.100.7 tcp 443',
];

const compiled = compile([{ name: 'shop.tsnet', text: INTENT }]);
if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join('\n'));
const { value } = compiled;
const printed = print(value, 'nft');
if (!printed.ok) throw new Error('not printed');
const listed = readRulesetText({ name: 'nft list ruleset', text: printed.value.text });
if (!listed.ok) throw new Error(listed.diagnostics.map(({ message }) => message).join('\n'));
const tables = listed.value;

test.each(QUESTIONS)(
  '%s: elements that the kernel lists come from the lines that they were applied for',
  (question) => {
    const subject = {
      world: new World(assumedSurroundings(value.topology)),
      resolved: value,
      describe: (origin: Parameters<typeof describeOrigin>[0]) =>
        origin.kind === 'source' ? undefined : describeOrigin(origin, value.locate),
    };
    const words = question.split(' ');
    const own = explain(words, { ...subject, rulesFor: () => value.ruleset });
    const asListed = explain(words, { ...subject, rulesFor: () => ({ tables }), originOf: appliedOrigins(value) });
    const told = own.path.flatMap(({ rules }) => rules.flatMap(({ origins }) => origins));
    expect(told.length).toBeGreaterThan(0);
    expect(asListed.path.flatMap(({ rules }) => rules.flatMap(({ origins }) => origins))).toEqual(told);
    expect(asListed.because).toEqual(own.because);
  },
);
