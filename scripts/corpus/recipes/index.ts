import type { Recipe } from '../recipe';
import { FAIL2BAN } from './fail2ban';
import { FERM } from './ferm';
import { FIREWALLD } from './firewalld';
import { APF, ARNO, FIREHOL, FWSNORT, LIBVIRT, PYROMAN, SSHGUARD, URUK } from './others';
import { SHOREWALL } from './shorewall';
import { UFW } from './ufw';

export const RECIPES: readonly Recipe[] = [
  UFW,
  FIREWALLD,
  FAIL2BAN,
  SHOREWALL,
  FERM,
  ARNO,
  FIREHOL,
  URUK,
  PYROMAN,
  APF,
  FWSNORT,
  LIBVIRT,

  SSHGUARD,
];
