import { describe, expect, it } from 'vitest';
import { writtenBytes } from './written-bytes.ts';

describe('quarantined bytes for people', () => {
  it('are text where they are text', () => {
    expect(writtenBytes(new TextEncoder().encode('{"values":{"nhiệt":"ấm"}}\n'))).toBe('{"values":{"nhiệt":"ấm"}}\n');
  });

  it('are a hex dump where they are not', () => {
    expect(writtenBytes(Uint8Array.from([0, 255, 65, 66]))).toBe(`0000  00 ff 41 42${' '.repeat(36)}  ..AB`);
  });

  it('say how much is not shown', () => {
    expect(writtenBytes(new Uint8Array(5000).fill(97))).toMatch(/a\n… \+904$/);
  });
});
