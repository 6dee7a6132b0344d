/**
 * Holds the direction of imports between folders (see docs/life-of-a-reading.md):
 * everything may import domain/ and config/; ingest/, api/, dashboard/, firmware-sim/ and adapters/ never import each other,
 * except `import type` from api/contract/; domain/ imports nothing outside itself; only main.ts, test/ and bench/ see all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const PARTS = ['domain', 'config', 'ingest', 'api', 'dashboard', 'firmware-sim', 'adapters'] as const;

/** Runs over `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`. */
const IMPORTS =
  /(?:^|\n)\s*(import|export)(\s+type)?\s[^'";]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g;

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.(ts|tsx|mjs)$/.test(entry.name)) yield path;
  }
}

/** What is wrong with one import, or null. Paths are relative to the project's root. */
export function importProblem(from: string, target: string, typeOnly: boolean): string | null {
  const fromPart = from.split('/')[0] ?? '';
  const isTest = /\.(test|contract|bench)\.tsx?$/.test(from);
  if (!target.startsWith('.')) {
    const ours =
      fromPart === 'domain' &&
      !(isTest && (target === 'vitest' || target === 'fast-check' || target.startsWith('node:')));
    return ours ? `domain/ imports nothing outside itself, but imports "${target}"` : null;
  }
  const toPath = relative(ROOT, resolve(ROOT, dirname(from), target)).replaceAll('\\', '/');
  const toPart = toPath.split('/')[0] ?? '';
  if (toPart === fromPart || toPart === 'domain') return null;
  if (fromPart === 'domain') return `domain/ imports nothing outside itself, but imports ${toPath}`;
  if (toPart === 'config') return null;
  if (toPath.startsWith('api/contract/') && typeOnly) return null;
  return `${fromPart}/ may not import ${toPath}`;
}

/** Every broken rule in the project, as `file: problem`. */
export function brokenImportRules(): readonly string[] {
  const broken: string[] = [];
  for (const part of PARTS) {
    for (const file of sourceFiles(join(ROOT, part))) {
      const from = relative(ROOT, file).replaceAll('\\', '/');
      for (const match of readFileSync(file, 'utf8').matchAll(IMPORTS)) {
        const problem = importProblem(from, match[3] ?? match[4] ?? match[5] ?? '', match[2] !== undefined);
        if (problem) broken.push(`${from}: ${problem}`);
      }
    }
  }
  return broken;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const broken = brokenImportRules();
  for (const line of broken) console.error(line);
  if (broken.length > 0) process.exit(1);
  console.log('import rules hold');
}
