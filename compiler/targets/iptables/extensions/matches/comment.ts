import { BOTH, type Module } from '../module';

export const comment: Module = {
  name: 'comment',
  families: BOTH,
  options: { '--comment': { values: 1 } },
  read: (options) => ({ kind: 'means', statements: [], comment: options.value('--comment') ?? '' }),
};
