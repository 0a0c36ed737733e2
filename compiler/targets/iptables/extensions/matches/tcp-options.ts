import { match } from '../../../../../dsl/ruleset/nodes';
import type { Expression } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Module, means, perOption, wrong } from '../module';
import { numberRange } from '../values';

const TCP = 6;
const SEGMENT: Expression = { kind: 'option', protocol: 'tcp', option: 'maxseg' };
const SEGMENT_SIZE: Expression = { ...SEGMENT, field: 'size' };

/** A packet that says no size is none that has this one, so that `!` has it too (xt_tcpmss.c). */
export const tcpmss: Module = perOption(
  { name: 'tcpmss', families: BOTH, options: { '--mss': { values: 1, negatable: true } }, needsOption: true },
  ({ negated, values: [value = ''] }, { protocol }) => {
    if (protocol !== TCP) return wrong('tcpmss needs `-p tcp`');
    const sizes = numberRange(value, 65535n);
    if (!sizes) return wrong(`\`${value}\` is not a size or a range of sizes`);
    if (!negated) return means(match(SEGMENT_SIZE, '==', sizes));
    const missing = match(SEGMENT, '==', { kind: 'exists', present: false });
    return means({ kind: 'either', alternatives: [[missing], [match(SEGMENT_SIZE, '!=', sizes)]], negated: false });
  },
);
