import { BOTH, impossible, type Module, means } from '../module';

const ONE = { values: 1 } as const;

export const NOTRACK: Module = { name: 'NOTRACK', families: BOTH, options: {}, read: () => means({ kind: 'notrack' }) };

export const CT: Module = {
  name: 'CT',
  families: BOTH,
  options: {
    '--notrack': { values: 0 },
    '--helper': ONE,
    '--timeout': ONE,
    '--ctevents': ONE,
    '--expevents': ONE,
    '--zone': ONE,
    '--zone-orig': ONE,
    '--zone-reply': ONE,
  },
  read: (options) => (options.has('--notrack') ? means({ kind: 'notrack' }) : impossible('not read yet')),
};
