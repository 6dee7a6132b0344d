/** A value of JSON; `undefined`: not there. */
type Json = unknown;

/** One field that differs. Both sides as JSON has them; `undefined` on a side that has no such field. */
export interface FieldChange {
  /** Dotted, e.g. `clearHold`, `name.vi`, `condition.levels.major.limit`: levels by their severity, not by their place. */
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** What of a version is nobody's edit. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  'id',
  'agencyId',
  'version',
  'createdAt',
  'createdBy',
  'approvedBy',
]);

/**
 * The fields in which two versions of a rule differ, ordered by path. Objects are compared field by field, levels by severity; other lists (points,
 * tags, corners, parts) as a whole, and so is what is an object on one side alone.
 */
export function changedFields(before: object, after: object): readonly FieldChange[] {
  return [...compare('', edited(before), edited(after))].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const edited = (rule: object): object =>
  Object.fromEntries(Object.entries(rule).filter(([key]) => !NOT_COMPARED.has(key)));

function* compare(path: string, before: Json, after: Json): Generator<FieldChange> {
  const a = bySeverity(before);
  const b = bySeverity(after);
  if (!isObject(a) || !isObject(b)) {
    if (!alike(a, b)) yield { path, before, after };
    return;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    yield* compare(path === '' ? key : `${path}.${key}`, a[key], b[key]);
  }
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Levels as an object by severity; everything else as it is. */
function bySeverity(value: Json): Json {
  if (!Array.isArray(value) || value.length === 0) return value;
  const entries = value.map((item: Json) => (isObject(item) ? ([item.severity, item] as const) : null));
  const severities = entries.map((entry) => entry?.[0]);
  if (!severities.every((severity) => typeof severity === 'string')) return value;
  if (new Set(severities).size < severities.length) return value;
  return Object.fromEntries(value.map((item: { severity: string }) => [item.severity, without(item, 'severity')]));
}

const without = ({ ...item }: Record<string, Json>, key: string): Json => {
  delete item[key];
  return item;
};

/** Alike as JSON, whatever the order of keys. */
function alike(a: Json, b: Json): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => alike(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => alike(a[key], b[key]));
}
