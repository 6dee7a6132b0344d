import { fieldsOf, floatOf, integerOf, messageOf, messageWith, textOf, type Writable } from './protobuf.ts';

/** A metric of a Sparkplug B payload, as much of it as readings need. */
export interface SparkplugMetric {
  /** Absent in data that goes by alias. */
  readonly name: string | null;
  readonly alias: bigint | null;
  /** Epoch ms. */
  readonly timestamp: number | null;
  /** Absent in data: the birth said it. */
  readonly datatype: number | null;
  readonly value: MetricValue;
  /** Property `engUnit`, which many edge nodes give. */
  readonly unit: string | null;
}
/** Integers as they travel: unsigned; {@link numberOf} gives them their sign. `other`: data sets, templates, bytes. */
export type MetricValue =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' | 'text' | 'other' };

export interface SparkplugPayload {
  /** Epoch ms. */
  readonly timestamp: number | null;
  /** 0 … 255; absent in deaths of edge nodes and in commands. */
  readonly seq: number | null;
  readonly metrics: readonly SparkplugMetric[];
}

/** `org.eclipse.tahu.protobuf.Payload`. @throws {ProtobufError} */
export function readSparkplugPayload(bytes: Uint8Array): SparkplugPayload {
  let timestamp: number | null = null;
  let seq: number | null = null;
  const metrics: SparkplugMetric[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) timestamp = Number(integerOf(field));
    else if (field.number === 2) metrics.push(readMetric(messageOf(field)));
    else if (field.number === 3) seq = Number(integerOf(field));
  }
  return { timestamp, seq, metrics };
}

function readMetric(bytes: Uint8Array): SparkplugMetric {
  let name: string | null = null;
  let alias: bigint | null = null;
  let timestamp: number | null = null;
  let datatype: number | null = null;
  let unit: string | null = null;
  let isNull = false;
  let value: MetricValue = { kind: 'null' };
  for (const field of fieldsOf(bytes)) {
    switch (field.number) {
      case 1:
        name = textOf(field);
        break;
      case 2:
        alias = integerOf(field);
        break;
      case 3:
        timestamp = Number(integerOf(field));
        break;
      case 4:
        datatype = Number(integerOf(field));
        break;
      case 7:
        isNull = integerOf(field) !== 0n;
        break;
      case 9:
        unit = readUnit(messageOf(field));
        break;
      case 10:
      case 11:
        value = { kind: 'integer', value: integerOf(field) };
        break;
      case 12:
      case 13:
        value = { kind: 'float', value: floatOf(field) };
        break;
      case 14:
        value = { kind: 'boolean', value: integerOf(field) !== 0n };
        break;
      case 15:
        value = { kind: 'text' };
        break;
      case 16:
      case 17:
      case 18:
      case 19:
        value = { kind: 'other' };
        break;
    }
  }
  return { name, alias, timestamp, datatype, unit, value: isNull ? { kind: 'null' } : value };
}

/** Property `engUnit` of a PropertySet: keys and values stand in two lists. */
function readUnit(bytes: Uint8Array): string | null {
  const keys: string[] = [];
  const values: (string | null)[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) keys.push(textOf(field));
    else if (field.number === 2) {
      const words = [...fieldsOf(messageOf(field))].filter(({ number }) => number === 8);
      values.push(words[0] ? textOf(words[0]) : null);
    }
  }
  return values[keys.indexOf('engUnit')] ?? null;
}

const BITS: ReadonlyMap<number, readonly [bits: number, signed: boolean]> = new Map([
  [1, [8, true]],
  [2, [16, true]],
  [3, [32, true]],
  [4, [64, true]],
  [5, [8, false]],
  [6, [16, false]],
  [7, [32, false]],
  [8, [64, false]],
]);

/** The number a metric of this datatype has: signed integers travel as two's complement. Truth values are 1 and 0; `null` for what is no number. */
export function numberOf(value: MetricValue, datatype: number | null): number | null {
  if (value.kind === 'float') return value.value;
  if (value.kind === 'boolean') return Number(value.value);
  if (value.kind !== 'integer') return null;
  const [bits, signed] = BITS.get(datatype ?? 0) ?? [64, false];
  return Number(signed ? BigInt.asIntN(bits, value.value) : BigInt.asUintN(bits, value.value));
}

const BOOLEAN = 11n;

/** A node command that asks for all births again. `at`: epoch ms. */
export function rebirthCommand(at: number): Uint8Array {
  const metric: Writable[] = [
    [1, 'Node Control/Rebirth'],
    [3, BigInt(at)],
    [4, BOOLEAN],
    [14, true],
  ];
  return messageWith([
    [1, BigInt(at)],
    [2, messageWith(metric)],
  ]);
}
