import { describe, expect, it } from 'vitest';
import { auditCsv, changedParts } from './audit-csv.ts';

describe('the audit', () => {
  it('is a file with local time and UTC, in which nothing runs', () => {
    const line = {
      ...{ local: '26/11/2026 20:00', at: 0, who: 'Lan, Anh', action: 'user.update', targetKind: 'user' },
      ...{ targetId: '=1+1', agency: 'env', before: null, after: { a: 'x"y' } },
    };
    expect(auditCsv([line], ['a', 'b']).split('\r\n')).toEqual([
      '\u{feff}a,b',
      `26/11/2026 20:00,1970-01-01T00:00:00.000Z,"Lan, Anh",user.update,user,'=1+1,env,,"{""a"":""x\\""y""}"`,
      '',
    ]);
  });

  it('says what changed, part by part', () => {
    expect(changedParts({ name: 'a', roles: [1], same: 1 }, { name: 'b', roles: [1, 2], same: 1 })).toEqual([
      { part: 'name', before: '"a"', after: '"b"' },
      { part: 'roles', before: '[1]', after: '[1,2]' },
    ]);
    expect(changedParts(null, { id: 'x' })).toEqual([{ part: 'id', before: '', after: '"x"' }]);
    expect(changedParts('a', 'b')).toEqual([{ part: '', before: '"a"', after: '"b"' }]);
  });
});
