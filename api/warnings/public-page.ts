import type { Language } from '../../domain/localized.ts';
import type { DurationMs, EpochMs } from '../../domain/time.ts';
import { writeElement } from '../../domain/warning/xml.ts';
import type { PublicWarning } from '../contract/warnings.ts';
import { fill } from '../problem-texts.ts';
import { capPath } from './atom-feed.ts';
import { type MappedWarning, type PublicBasemap, publicMap } from './public-map.ts';
import { PUBLIC_TEXTS } from './public-texts.ts';
import type { PublishedNow } from './published-list.ts';

export interface PublicPageOptions {
  readonly basemap: PublicBasemap | null;
  readonly timeZone: string;
  readonly shownAfterEnd: DurationMs;
}

const HOUR_MS = 3_600_000;
/** A browser without script loads the page again after this. */
const RELOAD_SECONDS = 120;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
/** People's line ends are kept. */
const paragraph = (text: string): string => escaped(text.trim()).replace(/\n+/g, '<br>');

/** The page for everybody: map and list, whole as it comes, in one language. Nothing in it but what is published. */
export function publicPage(now: PublishedNow, language: Language, options: PublicPageOptions): string {
  const { basemap, timeZone, shownAfterEnd } = options;
  const texts = PUBLIC_TEXTS[language];
  const format = new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', year: 'numeric' },
    // 03/04 is another day to an American.
    ...(language === 'vi' ? { day: '2-digit', month: '2-digit' } : { day: 'numeric', month: 'short' }),
  });
  const time = (at: EpochMs): string =>
    `<time datetime="${new Date(at).toISOString()}">${escaped(format.format(at))}</time>`;
  const inForce = now.warnings.filter(({ phase }) => phase === 'in_force');
  const ended = now.warnings.filter(({ phase }) => phase !== 'in_force');
  const mapped = inForce.map(
    ({ content: { area, severity } }, index): MappedWarning => ({
      number: index + 1,
      severity,
      outlines: area.outlines,
      circles: area.circles,
    }),
  );

  const fact = (term: string, value: string): string =>
    value === '' ? '' : `<div><dt>${escaped(term)}</dt><dd>${value}</dd></div>`;
  const item = (warning: PublicWarning, listed: number | null): string => {
    const { content, phase, status, endedAt, reason } = warning;
    const severity = content.severity;
    const marks = [
      status === 'Exercise' ? `<strong class="exercise">${escaped(texts.exercise)}</strong>` : '',
      `<strong class="severity">${escaped(texts.severity[severity])}</strong>`,
      phase === 'in_force'
        ? `<span>${escaped(texts.urgency[content.urgency])}</span>`
        : `<span class="phase">${escaped(texts.phase[phase])}</span>`,
    ];
    return `<li${listed === null ? '' : ` id="w${listed}"`} class="warning severity-${severity.toLowerCase()} ${phase}">
<p class="marks">${listed === null ? '' : `<span class="number" aria-hidden="true">${listed}</span>`}${marks.join(' ')}</p>
<h3>${escaped(content.headline[language])}</h3>
<p>${paragraph(content.description[language])}</p>
${phase === 'in_force' ? `<div class="todo"><h4>${escaped(texts.todo)}</h4><p>${paragraph(content.instruction[language])}</p></div>` : ''}
${reason ? `<p class="reason">${escaped(texts.reason)}: ${paragraph(reason[language])}</p>` : ''}
<dl>
${fact(texts.area, escaped(content.area.description[language]))}
${fact(texts.from, content.onset === null ? '' : time(content.onset))}
${phase === 'in_force' ? fact(texts.until, content.expires === null ? '' : time(content.expires)) : fact(texts.ended, endedAt === null ? '' : time(endedAt))}
${fact(texts.sent, time(warning.firstSent))}
${warning.sent === warning.firstSent ? '' : fact(texts.changed, time(warning.sent))}
${fact(texts.contact, escaped(content.contact))}
</dl>
<p class="source">${escaped(warning.agency[language])} · <a href="${escaped(capPath(warning.identifier))}" type="application/cap+xml">${escaped(texts.message)}</a></p>
</li>`;
  };

  const isExercise = now.warnings.some(({ status }) => status === 'Exercise');
  const mapLabel = inForce.length === 0 ? texts.map : fill(texts.mapOf, { count: inForce.length });
  const other = language === 'vi' ? 'en' : 'vi';
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inForce.length > 0 ? `(${inForce.length}) ` : ''}${escaped(texts.title)} · ${escaped(texts.platform)}</title>
<meta name="description" content="${escaped(texts.intro)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/warnings.css">
<link rel="alternate" type="application/atom+xml" title="${escaped(texts.title)}" href="/cap/v1/feed.atom?lang=${language}">
<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>
<script src="/warnings.js" defer></script>
</head>
<body>
<header>
<div><h1>${escaped(texts.title)}</h1><p>${escaped(texts.intro)}</p></div>
<nav><a href="/warnings?lang=${other}" lang="${other}" hreflang="${other}">${escaped(texts.other)}</a></nav>
</header>
<p id="stale" role="alert" hidden data-text="${escaped(texts.stale)}"></p>
<main id="content" data-at="${now.at}">
<p class="refreshed">${escaped(texts.refreshed)} ${time(now.at)}<noscript> · ${escaped(texts.noScript)}</noscript></p>
${isExercise ? `<p class="exercise-banner">${escaped(texts.exerciseHint)}</p>` : ''}
<figure>${writeElement(publicMap(basemap, mapped, mapLabel))}
<figcaption>${escaped(texts.schematic)}${basemap ? ` · ${escaped(basemap.attribution)}` : ''}</figcaption></figure>
<section aria-labelledby="now">
<h2 id="now">${escaped(texts.inForce)} <span class="count">${inForce.length}</span></h2>
${
  inForce.length === 0
    ? `<p class="none"><strong>${escaped(texts.none)}.</strong> ${escaped(texts.noneHint)}</p>`
    : `<ol>${inForce.map((warning, index) => item(warning, index + 1)).join('\n')}</ol>`
}
</section>
${
  ended.length === 0
    ? ''
    : `<section aria-labelledby="lately"><h2 id="lately">${escaped(texts.lately)} <span class="count">${ended.length}</span></h2>
<ul>${ended.map((warning) => item(warning, null)).join('\n')}</ul></section>`
}
</main>
<footer><p>${escaped(fill(texts.keptFor, { hours: Math.round(shownAfterEnd / HOUR_MS) }))}</p>
<p><a href="/cap/v1/feed.atom?lang=${language}">${escaped(texts.feed)}</a> <button type="button" id="print">${escaped(texts.print)}</button></p></footer>
</body>
</html>
`;
}

/** Loads the content again every minute, and says so when it can't: a page that looks live and is not would be worse than none. */
export const PUBLIC_SCRIPT = `'use strict';
(() => {
  const EVERY = 60000, STALE_AFTER = 180000;
  const stale = document.getElementById('stale');
  let loadedAt = Date.now();
  const lastKnown = () => document.querySelector('.refreshed time').textContent;
  const judge = () => {
    const isStale = Date.now() - loadedAt > STALE_AFTER;
    stale.hidden = !isStale;
    if (isStale) stale.textContent = stale.dataset.text.replace('{time}', lastKnown());
  };
  const load = async () => {
    try {
      const answer = await fetch(location.pathname + location.search, { cache: 'no-cache', signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const content = next.getElementById('content');
      if (!content) throw new Error('no content');
      document.getElementById('content').replaceWith(document.adoptNode(content));
      document.title = next.title;
      loadedAt = Date.now();
    } catch {}
    judge();
  };
  setInterval(load, EVERY);
  setInterval(judge, 5000);
  // Back from another page or from sleep: what is shown may be old.
  document.addEventListener('visibilitychange', () => { if (!document.hidden && Date.now() - loadedAt > EVERY) load(); });
  window.addEventListener('online', load);
  window.addEventListener('offline', judge);
  document.getElementById('print').addEventListener('click', () => print());
})();
`;

export const PUBLIC_STYLESHEET = `:root{color-scheme:light dark;--bg:#fff;--raised:#f6f8fa;--line:#d5dde3;--text:#14202a;--text2:#51626f;--accent:#1f7a9c;
--extreme:#c62a2f;--severe:#b45309;--moderate:#8a6d00;--minor:#1d6fd1;--unknown:#5f6b76;--on:#fff;
--sea:#cfe0e6;--land:#f4f3ef;--river:#b9d0d8;--road:#d8d3c9;--casing:#b7b0a4;--label:#2d3238}
@media (prefers-color-scheme:dark){:root{--bg:#0f1418;--raised:#161d23;--line:#2b3740;--text:#e6edf3;--text2:#9fb0bd;--accent:#4fb3d9;
--extreme:#f2555a;--severe:#f28c28;--moderate:#e2b203;--minor:#6ea8fe;--unknown:#8b98a5;--on:#0f1418;
--sea:#0d1820;--land:#1c262e;--river:#0d1820;--road:#35404a;--casing:#0d1820;--label:#c5d0d9}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:0 1rem 2rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,"Noto Sans",sans-serif}
header{display:flex;gap:1rem;justify-content:space-between;align-items:start;padding-top:1rem}
h1{font-size:1.5rem;line-height:1.2;margin:0}header p{margin:.25rem 0 0;color:var(--text2);font-size:.875rem}
h2{font-size:1.125rem;margin:1.5rem 0 .5rem}h3{font-size:1.125rem;line-height:1.3;margin:.375rem 0 .25rem}h4{font-size:.875rem;margin:0}
a{color:var(--accent)}nav a,button{display:inline-flex;align-items:center;min-height:44px}
button{padding:0 1rem;border:1px solid var(--line);border-radius:6px;background:var(--raised);color:inherit;font:inherit;cursor:pointer}
.refreshed{margin:.5rem 0;color:var(--text2);font-size:.875rem}
#stale,.exercise-banner{margin:.75rem 0;padding:.75rem 1rem;border-radius:6px;border:2px solid var(--severe);font-weight:600}
figure{margin:.75rem 0}figcaption{color:var(--text2);font-size:.75rem;margin-top:.25rem}
.map{display:block;width:100%;height:auto;max-height:70vh;border:1px solid var(--line);border-radius:6px;background:var(--sea)}
.sea{fill:var(--sea)}.land{fill:var(--land)}.river{fill:none;stroke:var(--river);stroke-width:1.5}.road{fill:none;stroke:var(--road);stroke-width:2}
.place{font-size:13px;text-anchor:middle;fill:var(--label);paint-order:stroke;stroke:var(--land);stroke-width:3px}
.severity-extreme{--severity:var(--extreme)}.severity-severe{--severity:var(--severe)}.severity-moderate{--severity:var(--moderate)}
.severity-minor{--severity:var(--minor)}.severity-unknown{--severity:var(--unknown)}
.area{fill:var(--severity);fill-opacity:.22;stroke:var(--severity);stroke-width:2.5}
.mark circle{fill:var(--severity);stroke:var(--bg);stroke-width:2}
.mark text{fill:var(--on);font-size:15px;font-weight:700;text-anchor:middle;dominant-baseline:central}
@media (max-width:600px){.place{font-size:21px}.mark circle{r:22px}.mark text{font-size:24px}}
ol,ul{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}
.warning{border:1px solid var(--line);border-left:6px solid var(--severity);border-radius:6px;background:var(--raised);padding:.75rem 1rem;scroll-margin-top:1rem}
.warning:target{outline:2px solid var(--accent)}.warning p{margin:.25rem 0;overflow-wrap:anywhere}
.cancelled,.expired{--severity:var(--unknown)}
.marks{display:flex;flex-wrap:wrap;gap:.25rem .625rem;align-items:center;font-size:.875rem}.severity{color:var(--severity)}
.number{display:inline-grid;place-items:center;min-width:1.75rem;height:1.75rem;border-radius:1rem;background:var(--severity);color:var(--on);font-weight:700}
.exercise{border:2px solid currentColor;border-radius:4px;padding:0 .375rem;text-transform:uppercase}
.todo{margin:.5rem 0;padding:.5rem .75rem;border-radius:6px;border:1px solid var(--line);background:var(--bg)}.todo p{font-weight:600}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.25rem 1rem;margin:.5rem 0;font-size:.875rem}
dt{color:var(--text2)}dd{margin:0}.source,.reason{font-size:.875rem;color:var(--text2)}.count{color:var(--text2);font-weight:400}
.none{padding:1rem;border:1px solid var(--line);border-radius:6px;background:var(--raised)}
footer{margin-top:2rem;color:var(--text2);font-size:.875rem}footer p{display:flex;gap:1rem;align-items:center}
@media print{:root{--bg:#fff;--raised:#fff;--text:#000;--text2:#333;--extreme:#c62a2f;--severe:#b45309;--moderate:#8a6d00;--minor:#1d6fd1;--unknown:#5f6b76;--on:#fff;
--sea:#e8f0f3;--land:#fff;--river:#b9d0d8;--road:#ccc;--label:#000}
nav,button,footer a{display:none!important}.warning{break-inside:avoid}.map{max-height:40vh;print-color-adjust:exact}.number{print-color-adjust:exact}}
`;
