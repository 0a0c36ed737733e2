import { MATCHES, TARGETS } from '../../compiler/targets/iptables/extensions';
import { NOT_MADE_UP, TARGET_FORMS } from '../support/migrate/forms';
import { fuzz } from '../support/migrate/fuzz';
import { MATCH_FORMS } from '../support/migrate/match-forms';
import { randomly } from '../support/random';

test('every option of every module is written in rules that are made up', () => {
  const missing = [
    ...[...MATCHES.values()].map((module) => ({ module, forms: MATCH_FORMS[module.name] })),
    ...[...TARGETS.values()].map((module) => ({ module, forms: TARGET_FORMS[module.name] })),
  ].flatMap(({ module, forms }) => {
    if (module.open || NOT_MADE_UP.has(module.name)) return [];
    if (!forms) return [module.name];
    const written = new Set([forms.always ?? '', ...forms.forms].join(' ').match(/--[\w-]+/g));
    return Object.entries(module.options).flatMap(([option, { is }]) =>
      is !== undefined || written.has(option) || NOT_MADE_UP.has(option) ? [] : [`${module.name} ${option}`],
    );
  });
  expect(missing).toEqual([]);
});

test('what iptables takes is not wrong, is loaded by nft, and is proven equal or named as lost', () => {
  const { accepted, wrong, failed } = fuzz(randomly(20), 200);
  expect(accepted).toBeGreaterThan(480);
  expect(wrong).toEqual([]);
  expect(failed).toEqual([]);
}, 300_000);
