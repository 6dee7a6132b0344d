/** One row of the audit as a file has it. */
export interface AuditLine {
  readonly local: string;
  readonly at: number;
  readonly who: string;
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  readonly agency: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A sheet would take some beginnings for a formula: these are made plain text. */
const field = (text: string): string => {
  const plain = /^[=+@\-\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};
const json = (value: unknown): string => (value === null || value === undefined ? '' : JSON.stringify(value));

/** The audit as CSV (RFC 4180, UTF-8 with its mark), in the order given; `head` names the nine columns, UTC second. */
export const auditCsv = (lines: readonly AuditLine[], head: readonly string[]): string =>
  `\u{feff}${[
    head,
    ...lines.map((line) => [
      ...[line.local, new Date(line.at).toISOString(), line.who, line.action, line.targetKind, line.targetId],
      ...[line.agency, json(line.before), json(line.after)],
    ]),
  ]
    .map((row) => row.map(field).join(','))
    .join('\r\n')}\r\n`;

/** What differs between two states of a thing, part by part; nested parts are compared whole. */
export function changedParts(
  before: unknown,
  after: unknown,
): readonly { readonly part: string; readonly before: string; readonly after: string }[] {
  const parts = (value: unknown): Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : value === null || value === undefined
        ? {}
        : { '': value };
  const [old, now] = [parts(before), parts(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((part) => ({ part, before: json(old[part]), after: json(now[part]) }))
    .filter((change) => change.before !== change.after);
}
