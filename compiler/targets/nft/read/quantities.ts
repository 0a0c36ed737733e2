import type { Quota, RateLimit } from '../../../../dsl/ruleset/tree';
import type { LimitNode, QuotaNode, WordNode } from '../../../../grammar/rules/nodes';
import type { Reports } from './reports';

/** Reads numbers, amounts of bytes, rates and times. */
export class Quantities {
  constructor(private readonly reports: Reports) {}

  rate({ over, rate, burst }: LimitNode): RateLimit {
    const [count, unit] = rate.length === 2 ? [rate[0], rate[1]?.text ?? ''] : [rate[0], 'packets'];
    const text = rate.length === 2 ? `${count?.text}/${unit.split('/')[1]}` : (count?.text ?? '');
    const [amount = '0', per = 'second'] = text.split('/');
    const factor = unit.startsWith('k')
      ? 1024n
      : unit.startsWith('m')
        ? 1048576n
        : unit.startsWith('g')
          ? 1073741824n
          : 1n;
    const value = count && /^\d+$/.test(amount) ? BigInt(amount) * factor : 0n;
    return {
      count: value,
      unit: rate.length === 2 ? 'bytes' : 'packets',
      per: per as RateLimit['per'],
      over,
      ...(burst ? { burst: this.amount(burst) } : {}),
    };
  }

  quota({ over, amount, used }: QuotaNode): Quota {
    return { bytes: this.amount(amount), over, ...(used ? { used: this.amount(used) } : {}) };
  }

  duration({ text, span }: WordNode): number {
    const units: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
    if (/^\d+$/.test(text)) return Number(text) * 1000;
    if (!/^(?:\d+(?:ms|[dhms]))+$/.test(text)) {
      this.reports.report('TN1103', `\`${text}\` is not a time such as 1h30m`, span);
      return 0;
    }
    return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
      (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0),
      0,
    );
  }

  integer({ text, span }: WordNode): bigint {
    if (/^(\d+|0x[0-9a-fA-F]+)$/.test(text)) return BigInt(text);
    this.reports.report('TN1103', `\`${text}\` is not a number`, span);
    return 0n;
  }

  private amount([count, unit]: readonly [WordNode, WordNode]): bigint {
    const factors: Record<string, bigint> = {
      bytes: 1n,
      packets: 1n,
      kbytes: 1024n,
      mbytes: 1048576n,
      gbytes: 1073741824n,
    };
    const factor = factors[unit.text];
    if (factor === undefined) this.reports.report('TN1103', `\`${unit.text}\` is not a unit`, unit.span);
    return this.integer(count) * (factor ?? 1n);
  }
}
