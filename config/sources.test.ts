import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SettingsError } from './settings.ts';
import { loadSources } from './sources.ts';

const listed = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'hd-sources-')), 'sources.yaml');
  writeFileSync(path, text);
  return path;
};

describe('the list of other brokers', () => {
  it('is empty where none is named', () => expect(loadSources(undefined)).toEqual([]));

  it('is read with what was left out filled in', () => {
    const path = listed(`
sources:
  - name: chirpstack
    url: mqtts://lora.example:8883
    device: gw-chirpstack
    caFile: /etc/hai-dang/lora-ca.pem
    topics:
      - filter: application/+/device/+/event/up
`);
    expect(loadSources(path)).toEqual([
      {
        name: 'chirpstack',
        url: 'mqtts://lora.example:8883',
        version: '3.1.1',
        device: 'gw-chirpstack',
        caFile: '/etc/hai-dang/lora-ca.pem',
        connections: 1,
        sessionExpirySeconds: 86_400,
        topics: [{ filter: 'application/+/device/+/event/up' }],
      },
    ]);
  });

  it.each([
    ['several connections that would each take every message', 'connections: 2', /shareGroup/],
    ['a misspelt key', 'pasword: x', /pasword/],
    ['a password in the open', 'password: x', /password/],
  ])('is refused with %s', (_, line, words) => {
    const path = listed(`
sources:
  - name: plant
    url: mqtt://plant.example
    device: gw-plant
    ${line}
    topics: [{ filter: 'a/+' }]
`);
    expect(() => loadSources(path)).toThrow(SettingsError);
    expect(() => loadSources(path)).toThrow(words);
  });

  it('names the file that can’t be read', () => {
    expect(() => loadSources('/nowhere/sources.yaml')).toThrow(/\/nowhere\/sources\.yaml/);
  });
});
