import * as matchModules from './matches';
import type { Module } from './module';
import * as targetModules from './targets';

function byName(modules: Readonly<Record<string, Module>>): ReadonlyMap<string, Module> {
  return new Map(Object.values(modules).map((module) => [module.name, module]));
}

/** Every match by the name after `-m`. */
export const MATCHES = byName(matchModules);

/** Every target by the name after `-j`. */
export const TARGETS = byName(targetModules);
