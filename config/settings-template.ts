import { stringify } from 'yaml';
import { z } from 'zod';
import { SettingsSchema, unwrapped, variableOf, variantsOf } from './settings.ts';

const INTRODUCTION = `Every setting of Hải Đăng with its default. Save what you change as a file and name it with HD_SETTINGS, or set the variable
beside it, which wins; with _FILE behind its name a variable names a file to read the value from (secrets).
Lines with one # are settings, ready to be uncommented together with their section.`;

/** All settings as a commented YAML file: each with its description, its variable and its default. */
export function settingsTemplate(): string {
  const blocks = Object.entries(SettingsSchema.shape as Record<string, z.ZodType>).flatMap(([section, schema]) => {
    const variants = variantsOf(schema);
    if (variants.length === 0) return [setting([section], schema)];
    return variants.map((shape) =>
      [
        remark(`${schema.description ?? ''}${variants.length > 1 ? '; stands here once for each engine' : ''}`),
        `#${section}:`,
        ...Object.entries(shape).map(([key, inner]) => setting([section, key], inner)),
      ].join('\n'),
    );
  });
  return `${[INTRODUCTION.split('\n').map(remark).join('\n'), ...blocks].join('\n\n')}\n`;
}

const remark = (text: string): string => `## ${text}`;

function setting(path: readonly string[], schema: z.ZodType): string {
  const key = path[path.length - 1]!;
  const indent = '  '.repeat(path.length - 1);
  return [
    `##${indent} ${schema.description}${choices(schema)} [${variableOf(...path)}]`,
    `#${indent}${key}:${written(schema)}`,
  ].join('\n');
}

/** `: a, b, c`, the words it can be. */
function choices(schema: z.ZodType): string {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodEnum ? `: ${inner.options.join(', ')}` : '';
}

/** The default as YAML, or nothing: a setting without one has none until it is given. */
function written(schema: z.ZodType): string {
  if (schema instanceof z.ZodDefault) return ` ${stringify(schema.def.defaultValue).trim()}`;
  return schema instanceof z.ZodLiteral ? ` ${String(schema.value)}` : '';
}
