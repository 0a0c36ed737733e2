/** What became of one expectation. */
export interface Result {
  /** `shop.tsnet:31` */
  readonly place: string;
  readonly text: string;
  readonly holds: boolean;
  readonly reason: string | null;
  /** One of the packets for which it does not hold. */
  readonly packet: {
    readonly text: string;
    readonly outcome: string;
    readonly because: readonly string[];
    /** What is between it and where it was expected, and what would have to be said. */
    readonly hints: readonly string[];
    /** The command that tells more. */
    readonly why: string;
  } | null;
  /** How many real packets were sent for it, and of which something else became than the rules say. */
  readonly live: { readonly asked: number; readonly otherwise: readonly string[] } | null;
}

export const FORMATS: Readonly<Record<string, (results: readonly Result[]) => string>> = { text, tap, junit };

function text(results: readonly Result[]): string {
  const lines = results.flatMap((result) => [
    `${result.holds ? 'ok  ' : 'FAIL'}  ${result.place} ${result.text}${askedText(result)}`,
    ...detail(result).map((line) => `      ${line}`),
  ]);
  const failed = results.filter(({ holds }) => !holds).length;
  const summary = failed === 0 ? `all ${results.length} hold` : `${failed} of ${results.length} do not hold`;
  return results.length === 0 ? '' : `${lines.join('\n')}\n${summary}\n`;
}

function askedText({ live }: Result): string {
  if (!live) return '';
  return live.asked === 0 ? '  (no packet of it can be sent here)' : `  (${live.asked} sent)`;
}

function detail({ reason, packet, live }: Result): string[] {
  const otherwise = live?.otherwise ?? [];
  if (reason !== null) return [reason, ...otherwise];
  if (!packet) return [...otherwise];
  return [
    ...otherwise,
    `${packet.text} ${packet.outcome}`,
    ...packet.because.map((line) => `because of ${line}`),
    ...packet.hints,
    packet.why,
  ];
}

/** TAP, version 13 (testanything.org). */
function tap(results: readonly Result[]): string {
  const lines = results.flatMap((result, index) => [
    `${result.holds ? 'ok' : 'not ok'} ${index + 1} - ${result.text.replace(/\s/g, ' ').replaceAll('#', '\\#')}`,
    ...(result.holds
      ? []
      : [
          '  ---',
          ...detail(result).map((line, at) => `  ${at === 0 ? 'message' : `detail${at}`}: ${JSON.stringify(line)}`),
          `  at: ${JSON.stringify(result.place)}`,
          '  ...',
        ]),
  ]);
  return `${['TAP version 13', `1..${results.length}`, ...lines].join('\n')}\n`;
}

/** The XML that CI systems read as JUnit's. */
function junit(results: readonly Result[]): string {
  const failed = results.filter(({ holds }) => !holds).length;
  const cases = results.map((result) => {
    const name = `name="${escaped(result.text)}" classname="${escaped(result.place.replace(/:\d+$/, ''))}"`;
    if (result.holds) return `  <testcase ${name}/>`;
    const [message = '', ...more] = detail(result);
    return [
      `  <testcase ${name}>`,
      `    <failure message="${escaped(message)}">${escaped([result.place, ...more].join('\n'))}</failure>`,
      '  </testcase>',
    ].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="tsnet" tests="${results.length}" failures="${failed}" errors="0" skipped="0">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // These have no place in XML 1.0, not even as entities.
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, ' ')
    .replace(/[&<>"]/g, (one) => entities[one] ?? one);
}
