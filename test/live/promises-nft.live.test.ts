import { onTheWire } from './promises/suite';

onTheWire('nft');
