import type { problemAt } from '../located-problem';
import type { Parts } from './parts';

/** Takes a problem that a rule found. */
export type Report = (...problem: Parameters<typeof problemAt>) => void;

/**
 * One thing that has to be so, looked for in every part. Nearly all parts are as they should be: a rule spells a place,
 * or makes a list, only where there is something to say.
 */
export type Rule = (parts: Parts, report: Report) => void;
