import { onTheWire } from './promises/suite';

onTheWire('iptables');
