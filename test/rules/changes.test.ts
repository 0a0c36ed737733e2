import {
  changeBetween,
  compile,
  imageOf,
  type NftImage,
  printNft,
  type Ruleset,
  removal,
  sharesOf,
  tablesText,
} from '../../compiler';
import { LinuxHost } from '../../runtime/host/linux';
import { differences } from '../../runtime/observe/listing';
import { STATES } from '../support/states';

const host = new LinuxHost();
const TABLES = ['inet tsnet', 'bridge tsnet'];

const RULESETS = Object.entries(STATES).map(([name, text]) => {
  const outcome = compile([{ name, text }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return { name, ruleset: outcome.value.ruleset, image: imageOf(sharesOf(outcome.value.ruleset)) };
});

const PAIRS = RULESETS.flatMap((from) => RULESETS.map((to) => [from.name, to.name, from, to] as const));

async function load(text: string): Promise<void> {
  expect(await host.perform([{ op: 'ruleset.load', unit: { tool: 'nft', text, lines: [] } }])).toEqual({
    ok: true,
    value: undefined,
  });
}

async function expectLoaded({ frames, elements }: NftImage): Promise<void> {
  const [found, wanted] = [
    await host.listTables(TABLES),
    await host.rehearse(tablesText({ frames, elements }, [...frames.keys()])),
  ];
  if (!found.ok || !wanted.ok) throw new Error('not listed');
  expect(differences(wanted.value, found.value)).toEqual([]);
}

function change(from: NftImage, { image, ruleset }: { image: NftImage; ruleset: Ruleset }) {
  return changeBetween(from, image, (names) =>
    printNft({ tables: ruleset.tables.filter(({ family, name }) => names.has(`${family} ${name}`)) }),
  );
}

describe('a change of elements, in the kernel', () => {
  afterEach(() => load(removal(TABLES)));

  test.each(PAIRS)('from %s to %s and back, each once more', async (_, __, from, to) => {
    await load(removal(TABLES) + tablesText(from.image, [...from.image.frames.keys()]));
    const there = change(from.image, to);
    if (there.kind === 'none') return expect(from.name).toBe(to.name);
    for (const text of [there.unit.text, there.unit.text]) await load(text);
    await expectLoaded(to.image);
    for (const text of [there.back.text, there.back.text]) await load(text);
    await expectLoaded(from.image);
  });
});
