/** A bridge of Linux has 1,023 ports. */
const A_BRIDGE = 1000;
/** The first port that is published; ports of 50,000 containers an address are free above it. */
const FIRST = 10_000;
const AN_ADDRESS = 50_000;

/** Containers with a published port each, and a network with room for one more: the text, and that network's name. */
export function intentOf(containers: number, extra = ''): string {
  const networks = Array.from(
    { length: Math.floor(containers / A_BRIDGE) + 1 },
    (_, at) => `network n${at} { subnet 10.${at}.0.0/16 }\n`,
  );
  const each = Array.from(
    { length: containers },
    (_, at) => `container c${at} { network n${Math.floor(at / A_BRIDGE)}; publish ${hostPort(at)}:80 }\n`,
  );
  return [...networks, ...each, extra].join('');
}

export function lastNetwork(containers: number): string {
  return `n${Math.floor(containers / A_BRIDGE)}`;
}

/** One network of containers, for what only compiles. */
export function flatIntentOf(containers: number): string {
  const each = Array.from(
    { length: containers },
    (_, at) => `container c${at} { network front; publish ${hostPort(at)}:80 }\n`,
  );
  return ['network front { subnet 10.0.0.0/8 }\n', ...each].join('');
}

/** One container that publishes many ports, the last of which is `FIRST + ports - 1`. */
export function portsIntentOf(ports: number, network: string, subnet: string): string {
  const each = Array.from({ length: ports }, (_, at) => `  publish ${FIRST + at}:80\n`);
  return `network ${network} { subnet ${subnet} }\ncontainer ${network}-c {\n  network ${network}\n${each.join('')}}\n`;
}

function hostPort(at: number): string {
  const address = Math.floor(at / AN_ADDRESS);
  return `${address === 0 ? '' : `192.0.2.${address}:`}${FIRST + (at % AN_ADDRESS)}`;
}

export const TEN_LINES = `network web { subnet 10.1.0.0/16 }
network db { subnet 10.2.0.0/16 }
container one { network web; publish 8080:80 }
container two { network web; publish 8081:80 }
container three { network web; publish 8082:80 }
container four { network web; network db }
container five { network web; network db }
container six { network db }
container seven { network db }
container eight { network db }
`;
