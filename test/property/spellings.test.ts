import fc from 'fast-check';
import { compile, print } from '../../compiler';
import { formatText } from '../../compiler/format';
import { read } from '../../compiler/frontend';
import { spell } from '../../compiler/frontend/spell';
import type { IntentDocument } from '../../dsl/intent/model';
import { documents } from '../support/documents';

function rulesOf(name: string, text: string): string {
  const outcome = compile([{ name, text }]);
  if (!outcome.ok) return outcome.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
  const printed = print(outcome.value, 'nft');
  return printed.ok ? printed.value.text : '';
}

function documentOf(text: string): IntentDocument {
  const outcome = read([{ name: 'a.tsnet', text }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return outcome.value.document() as IntentDocument;
}

describe('the spellings', () => {
  test('JSON, the text that says the same, and the JSON read from that give one ruleset', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const json = rulesOf('a.json', JSON.stringify(document));
        const text = spell(document);
        expect(json).toMatch(/^table inet tsnet\n/);
        expect(rulesOf('a.tsnet', text)).toBe(json);
        expect(rulesOf('a.json', JSON.stringify(documentOf(text)))).toBe(json);
      }),
    );
  });

  test('text, its JSON, and the text of that are the same once spelled', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const text = spell(document);
        expect(spell(documentOf(text))).toBe(text);
        expect(formatText({ name: 'a.tsnet', text })).toBe(text);
      }),
    );
  });
});
