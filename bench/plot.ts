import type { Plot, Series } from './result';

const [WIDTH, HEIGHT] = [760, 400];
const PLACE = { left: 70, right: 250, top: 44, bottom: 52 } as const;
const COLOURS = ['#0b6e4f', '#1f77b4', '#7b5ea7', '#d1495b', '#edae49', '#8d6a4f', '#00798c', '#555555'];

/** A plot as SVG: lines over logarithmic axes, or bars where a series is one value. */
export function svgOf({ title, x, y, series }: Plot): string {
  const bars = series.every(({ points }) => points.length <= 1);
  const body = bars ? barsOf(series, y) : curvesOf(series, x, y);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${asText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${PLACE.left}" y="24" font-size="15" font-weight="bold">${asText(title)}</text>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

function curvesOf(series: readonly Series[], x: string, y: string): string[] {
  const all = series.flatMap(({ points }) => points);
  const across = logarithmic(
    all.map(([at]) => at + 1),
    PLACE.left,
    WIDTH - PLACE.right,
  );
  const up = logarithmic(
    all.map(([, value]) => value),
    HEIGHT - PLACE.bottom,
    PLACE.top,
  );
  const xs = [...new Set(all.map(([at]) => at))].sort((a, b) => a - b);
  const [bottom, right] = [HEIGHT - PLACE.bottom, WIDTH - PLACE.right];
  const ticks = up.powers.map(
    (value) =>
      `<line x1="${PLACE.left}" x2="${right}" y1="${up.at(value)}" y2="${up.at(value)}" stroke="#dddddd"/><text x="${PLACE.left - 8}" y="${up.at(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`,
  );
  const below = xs.map(
    (at) => `<text x="${across.at(at + 1)}" y="${bottom + 18}" text-anchor="middle">${at.toLocaleString('en')}</text>`,
  );
  const labels = apart(series.map(({ points }) => up.at(points.at(-1)?.[1] ?? 1)));
  return [
    ...ticks,
    ...below,
    `<line x1="${PLACE.left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="#333333"/>`,
    `<text x="${(PLACE.left + right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${asText(x)}</text>`,
    `<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${asText(y)}</text>`,
    ...series.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length];
      const places = points.map(([at, value]) => `${across.at(at + 1)},${up.at(value)}`);
      return [
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.join(' ')}"/>`,
        ...points.map(
          ([at, value]) => `<circle cx="${across.at(at + 1)}" cy="${up.at(value)}" r="3" fill="${colour}"/>`,
        ),
        `<text x="${right + 10}" y="${(labels[index] ?? 0) + 4}" fill="${colour}">${asText(name)}</text>`,
      ];
    }),
  ];
}

function barsOf(series: readonly Series[], y: string): string[] {
  const height = Math.min(48, (HEIGHT - PLACE.top - 20) / series.length);
  const most = Math.max(...series.map(({ points }) => points[0]?.[1] ?? 0));
  const left = 220;
  return series.flatMap(({ name, points }, index) => {
    const value = points[0]?.[1] ?? 0;
    const [top, width] = [PLACE.top + index * height, Math.max(1, ((WIDTH - left - 90) * value) / most)];
    return [
      `<text x="${left - 8}" y="${top + height / 2 + 4}" text-anchor="end">${asText(name)}</text>`,
      `<rect x="${left}" y="${top + 4}" width="${width.toFixed(1)}" height="${height - 8}" fill="${COLOURS[index % COLOURS.length]}"/>`,
      `<text x="${left + width + 6}" y="${top + height / 2 + 4}">${value.toFixed(1)} ${asText(y)}</text>`,
    ];
  });
}

function logarithmic(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  const span = Math.max(1, high - low);
  return {
    powers: Array.from({ length: span + 1 }, (_, power) => 10 ** (low + power)),
    at: (value: number) => Number((from + ((Math.log10(value) - low) / span) * (to - from)).toFixed(1)),
  };
}

/** Places for labels, moved so that none covers another. */
function apart(places: readonly number[]): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  let last = Number.NEGATIVE_INFINITY;
  const moved: number[] = [];
  for (const { place, index } of order) {
    last = Math.max(place, last + 15);
    moved[index] = last;
  }
  return moved;
}

function asText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
