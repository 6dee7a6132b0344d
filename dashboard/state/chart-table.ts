import type { QualityKind } from '../../domain/quality.ts';
import type { ChartData } from './chart-data.ts';

/** One line of a chart as a table needs it. */
export interface TableLine {
  readonly data: ChartData;
  /** What its column is called, with the unit. */
  readonly title: string;
  readonly decimals: number;
}

export interface TableCell {
  /** What was measured, or the mean, sum or last of a window; of an invalid reading the value that was struck. */
  readonly value: number;
  /** Lowest and highest of a window; `null` for single readings. */
  readonly low: number | null;
  readonly high: number | null;
  readonly kind: QualityKind;
}
export interface TableRow {
  /** Epoch ms: of a reading its own time, of a window its beginning. */
  readonly at: number;
  /** One for each line; `null` where it has nothing at this time. */
  readonly cells: readonly (TableCell | null)[];
}

/** What the chart shows within [from, to), newest first: windows of `stepMs`, or single readings with 0. */
export function tableRows(lines: readonly TableLine[], from: number, to: number, stepMs: number): readonly TableRow[] {
  const rows = new Map<number, (TableCell | null)[]>();
  lines.forEach(({ data }, line) => {
    const ofDoubt = doubtAt(data);
    data.time.forEach((seconds, i) => {
      const value = data.value[i] ?? data.invalid[i] ?? null;
      if (value === null) return;
      const at = Math.round(seconds * 1000 - stepMs / 2);
      if (at < from || at >= to) return;
      const cells = rows.get(at) ?? lines.map(() => null);
      const isStruck = (data.value[i] ?? null) === null;
      cells[line] = {
        value,
        low: data.low[i] ?? null,
        high: data.high[i] ?? null,
        kind: isStruck ? 'invalid' : stepMs > 0 ? 'good' : ofDoubt(seconds * 1000),
      };
      rows.set(at, cells);
    });
  });
  return [...rows].map(([at, cells]) => ({ at, cells })).sort((a, b) => b.at - a.at);
}

/** The kind of quality at instants asked for in ascending order. */
function doubtAt({ doubtful }: ChartData): (at: number) => QualityKind {
  let next = 0;
  return (at) => {
    while (next < doubtful.length && (doubtful[next]?.to ?? 0) < at) next += 1;
    const stretch = doubtful[next];
    return stretch !== undefined && stretch.from <= at ? stretch.kind : 'good';
  };
}

/** Words of a table as a file, in the reader's language. */
export interface TableWords {
  readonly localTime: string;
  readonly utc: string;
  readonly low: string;
  readonly high: string;
  readonly quality: string;
  readonly kind: Readonly<Record<QualityKind, string>>;
}

/** A field of RFC 4180. A sheet would take some beginnings for a formula: these are made plain text. */
const field = (text: string): string => {
  const plain = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};

/**
 * The table as CSV (RFC 4180, UTF-8 with its mark, so that sheets read Vietnamese): the same rows and digits as on the screen, oldest first, with a
 * decimal point. `localTime` writes an instant in the city's time.
 */
export function tableCsv(
  lines: readonly TableLine[],
  rows: readonly TableRow[],
  words: TableWords,
  localTime: (at: number) => string,
): string {
  const hasBand = lines.map((_, line) => rows.some(({ cells }) => cells[line]?.low != null));
  const head = [words.localTime, words.utc].concat(
    lines.flatMap(({ title }, line) => [
      title,
      ...(hasBand[line] ? [`${title} – ${words.low}`, `${title} – ${words.high}`] : []),
      `${title} – ${words.quality}`,
    ]),
  );
  const written = rows.toReversed().map(({ at, cells }) =>
    [localTime(at), new Date(at).toISOString()].concat(
      cells.flatMap((cell, line) => {
        const { decimals } = lines[line] as TableLine;
        const digits = (value: number | null) => (value === null ? '' : value.toFixed(decimals));
        return [
          digits(cell?.value ?? null),
          ...(hasBand[line] ? [digits(cell?.low ?? null), digits(cell?.high ?? null)] : []),
          cell ? words.kind[cell.kind] : '',
        ];
      }),
    ),
  );
  return `\u{feff}${[head, ...written].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}
