import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import dashboard from '../config/monitoring/grafana-dashboard.json' with { type: 'json' };
import { killAll, startPlatformProcess } from './faults/platform-process.ts';

const FOLDER = join(import.meta.dirname, '../config/monitoring');
const run = promisify(execFile);
const promtool = async (...args: string[]): Promise<string> => (await run('promtool', args, { cwd: FOLDER })).stdout;
const isThere = await promtool('--version').then(
  () => true,
  () => false,
);

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
const rules = (parse(readFileSync(join(FOLDER, 'alert-rules.yaml'), 'utf8')) as Rules).groups.flatMap((g) => g.rules);
const panels = dashboard.panels.flatMap((panel) => ('targets' in panel ? (panel.targets ?? []) : []));
/** What Grafana puts in their place. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*');

describe('What is watched from outside', () => {
  let exposed = '';
  beforeAll(async () => {
    const platform = await startPlatformProcess(mkdtempSync(join(tmpdir(), 'hd-metrics-')));
    // A route must have been asked before its histogram is there.
    await fetch(`http://127.0.0.1:${platform.httpPort}/api/v1/session`);
    exposed = await (await fetch(`http://127.0.0.1:${platform.httpPort}/metrics`)).text();
    await platform.kill();
  }, 60_000);
  afterAll(killAll);

  it('speaks only of metrics that the platform exposes', () => {
    const names = new Set([...exposed.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string));
    const mentioned = [...rules.map(({ expr }) => expr), ...panels.map(({ expr }) => expr)]
      .flatMap((expr) => [...expr.matchAll(/\b(hd_[a-z_]+|process_[a-z_]+)/g)].map(([, name]) => name as string))
      .map((name) => name.replace(/_(bucket|sum|count)$/, (suffix) => (names.has(name) ? suffix : '')));
    expect(mentioned.length).toBeGreaterThan(60);
    expect([...new Set(mentioned)].filter((name) => !names.has(name))).toEqual([]);
  });

  it('draws the journal’s depth, what was not used, and each alert’s metric where an operator of the machine finds it', () => {
    const drawn = panels.map(({ expr }) => expr).join('\n');
    for (const metric of ['hd_journal_depth', 'hd_quarantined_messages_total', 'hd_batches_refused_total']) {
      expect(drawn).toContain(metric);
    }
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  describe.skipIf(!isThere && !process.env['CI'])('by promtool (Debian: prometheus)', () => {
    it('has alert rules that are right, and speak when they should', async () => {
      expect(await promtool('check', 'rules', 'alert-rules.yaml')).toContain(`SUCCESS: ${rules.length} rules found`);
      expect(await promtool('test', 'rules', 'alert-rules.test.yaml')).toContain('SUCCESS');
    });

    it('asks in the dashboard what Prometheus understands', async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'hd-panels-')), 'panels.yaml');
      const recorded = panels.map(({ expr }, n) => ({ record: `panel_${n}`, expr: filledIn(expr) }));
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: recorded }] }));
      expect(await promtool('check', 'rules', file)).toContain(`SUCCESS: ${panels.length} rules found`);
    });

    it('exposes metrics as Prometheus reads them', async () => {
      const child = execFile('promtool', ['check', 'metrics']);
      let said = '';
      child.stderr?.on('data', (text) => {
        said += String(text);
      });
      child.stdin?.end(exposed);
      await new Promise((resolve) => child.once('close', resolve));
      expect(said).not.toContain('error while linting');
    });
  });
});
