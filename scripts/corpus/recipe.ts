/** How the rules of one piece of software come about. */
export interface Recipe {
  readonly software: string;
  /** Packages of Debian's. */
  readonly packages: readonly string[];
  readonly entries: readonly Entry[];
}

/** One configuration: what a shell script run on a host with this software, and these files, leaves in the kernel. */
export interface Entry {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly script: string;
  /** Which iptables is the host's; legacy where not said. */
  readonly tools?: 'legacy' | 'nft';
}
