/**
 * Colours follow the `color-scheme` of the page. VitePress sets it with its class `dark`; a page that has
 * `color-scheme: light dark` follows the visitor's system.
 */
export const STYLE = `
:host {
  --ink: light-dark(#1f2328, #e6e8eb);
  --quiet: light-dark(#59636e, #a0a8b3);
  --faint: light-dark(#c9d0d8, #434b55);
  --line: light-dark(#dde2e8, #30363f);
  --paper: light-dark(#ffffff, #1b1f24);
  --soft: light-dark(#f5f7f9, #23282f);
  --a: light-dark(#1f6fd6, #6cacff);
  --b: light-dark(#b85a00, #f2a65a);
  --c: light-dark(#0a8268, #4ccfae);
  --good: light-dark(#1a7f4b, #56c98b);
  --warning: light-dark(#9a6700, #e0b341);
  --danger: light-dark(#c62828, #ff7b72);
  --on-danger: light-dark(#ffffff, #2a0707);
  --deed: light-dark(#6b4fbb, #b39dff);
  display: block;
  color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  container-type: inline-size;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.frame {
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--paper);
  padding: 16px;
  display: grid;
  gap: 14px;
  text-align: left;
}
p, ol, ul, dl, dd { margin: 0; padding: 0; }
ol, ul { list-style: none; }
code {
  font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  background: var(--soft);
  border-radius: 4px;
  padding: 1px 4px;
}
button, input {
  font: inherit;
  color: inherit;
  background: var(--paper);
  border: 1px solid var(--faint);
  border-radius: 8px;
  padding: 5px 11px;
  min-height: 34px;
}
button { cursor: pointer; }
button:hover { background: var(--soft); }
button[aria-pressed='true'] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
button[aria-disabled='true'] { color: var(--quiet); border-style: dashed; cursor: default; }
button.primary { background: var(--a); border-color: var(--a); color: var(--paper); min-width: 76px; font-weight: 600; }
:focus-visible { outline: 3px solid var(--a); outline-offset: 2px; }
input { width: 68px; padding-right: 2px; }
label { color: var(--quiet); white-space: nowrap; }
.presets { display: flex; flex-wrap: wrap; gap: 8px; }
.presets button { border-radius: 17px; }
.sentence { margin-top: 12px; font-size: 15px; max-width: 82ch; min-height: 3em; }
.intro, .main, .side, .interventions { min-width: 0; }
.main { display: grid; gap: 14px; align-content: start; }
.picture > svg { display: block; width: 100%; height: auto; }
.caption { text-align: center; min-height: 5em; }
.latest { font-weight: 600; }
.ending:not(:empty)::before { content: '✓ '; font-weight: 700; }
.ending { color: var(--good); }
.ending.bad { color: var(--danger); }
.ending.bad:not(:empty)::before { content: '! '; }
.side { display: grid; gap: 12px; grid-template-rows: auto 1fr; min-height: 0; }
.events { overflow-y: auto; height: 190px; border-top: 1px solid var(--line); font-size: 13px; overscroll-behavior: contain; }
.events li { display: grid; grid-template-columns: 58px 1fr; gap: 8px; padding: 4px 0 4px 8px; border-left: 3px solid transparent; border-bottom: 1px solid var(--line); }
.events time { color: var(--quiet); font-variant-numeric: tabular-nums; }
.events .good { border-left-color: var(--good); }
.events .warning { border-left-color: var(--warning); }
.events .alarm { border-left-color: var(--danger); color: var(--danger); font-weight: 600; }
.events .deed { border-left-color: var(--deed); }
.facts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.facts div { background: var(--soft); border-radius: 8px; padding: 5px 10px; }
.facts dt { font-size: 12px; color: var(--quiet); }
.facts dd { font-size: 17px; font-variant-numeric: tabular-nums; }
.facts .alarm { background: var(--danger); }
.facts .alarm dt, .facts .alarm dd { color: var(--on-danger); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12px; color: var(--quiet); }
.remark { font-size: 12px; color: var(--quiet); max-width: 90ch; }
.legend li { display: flex; align-items: center; gap: 4px; }
.legend svg { color: var(--a); flex: none; }
.transport { display: flex; flex-wrap: wrap; gap: 10px 18px; }
.group { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.joined { gap: 0; }
.joined button { border-radius: 0; margin-left: -1px; }
.joined button:first-child { border-radius: 8px 0 0 8px; margin-left: 0; }
.joined button:last-child { border-radius: 0 8px 8px 0; }
.joined button:focus-visible { z-index: 1; position: relative; }
.interventions { display: grid; gap: 8px; border-top: 1px solid var(--line); padding-top: 14px; }
.interventions .quiet { color: var(--quiet); }
.joined.group { flex-wrap: nowrap; }
.joined .part { flex: 1 1 44px; max-width: 52px; min-width: 36px; padding: 5px 2px; }

@container (min-width: 560px) {
  .facts { grid-template-columns: repeat(6, 1fr); }
  .caption { min-height: 3.2em; }
}
@container (min-width: 860px) {
  .frame { grid-template-columns: minmax(0, 1fr) 300px; column-gap: 22px; padding: 20px; }
  .intro, .interventions, .legend, .remark { grid-column: 1 / -1; }
  .facts { grid-template-columns: repeat(3, 1fr); }
  .events { height: 0; min-height: 100%; }
  .interventions { display: flex; flex-wrap: wrap; gap: 10px 18px; }
  .interventions .quiet { flex: 0 0 100%; }
}
@container (max-width: 559px) {
  .frame { padding: 12px; }
  .presets { gap: 6px; }
  .node .badge { font-size: 10px; }
  .presets button { font-size: 13px; padding: 4px 10px; }
}

svg text { fill: var(--ink); text-anchor: middle; font-size: 13px; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
svg [data-part] { cursor: pointer; }
.A { color: var(--a); }
.B { color: var(--b); }
.C { color: var(--c); }
.hidden { display: none; }
.path { stroke: var(--line); stroke-width: 1.2; }
.path.held { stroke: currentColor; stroke-width: 2.4; opacity: 0.75; }
.path.doubted { stroke-dasharray: 2 6; stroke-linecap: round; }
.path.cut { stroke-dasharray: 3 5; stroke: var(--faint); }
.cross path { stroke: var(--danger); stroke-width: 2.4; stroke-linecap: round; }

.node .box { fill: var(--paper); stroke: var(--faint); stroke-width: 1.5; }
.node .track { fill: var(--line); }
.node .bar { fill: currentColor; }
.node text { stroke: none; }
.node .name { text-anchor: start; font-weight: 600; }
.node .key { text-anchor: end; font-weight: 700; fill: currentColor; }
.node .badge { font-size: 11.5px; fill: var(--danger); }
.node .queue { font-size: 12px; fill: var(--quiet); stroke: var(--paper); }
.node.A .box, .node.B .box, .node.C .box { stroke: currentColor; stroke-width: 2; }
.node.sick .box { stroke-dasharray: 5 4; }
.node.down .box { fill: var(--soft); stroke: var(--danger); }
.node.down .name, .node.down .key { fill: var(--quiet); }
.node.down .bar { opacity: 0.35; }
.node.quarantined .badge { fill: var(--warning); }
.node.quarantined .box { fill: light-dark(#fff8e6, #2e2718); }
.node.chosen .box, .client.chosen .disc { filter: drop-shadow(0 0 3px var(--quiet)); }

.client .disc { fill: var(--paper); stroke: currentColor; stroke-width: 2; }
.client .halo { fill: var(--paper); stroke: var(--line); stroke-width: 4; }
.client .ring { fill: none; stroke: currentColor; stroke-width: 5; }
.client .letter { font-size: 20px; font-weight: 700; fill: currentColor; stroke: none; }
.client.holder .disc { fill: currentColor; }
.client.holder .letter { fill: var(--paper); }
.client .phase { font-weight: 600; font-variant-numeric: tabular-nums; }
.client .detail { font-size: 12px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.client.paused .disc { stroke-dasharray: 5 4; }
.client.paused .phase { fill: var(--warning); }
.client.down .disc { stroke: var(--danger); stroke-dasharray: 3 4; fill: var(--soft); }
.client.down .letter { fill: var(--quiet); }
.client.down .phase { fill: var(--danger); }
.client.alarm .halo { stroke: var(--danger); stroke-width: 9; }
.client.alarm .phase { fill: var(--danger); }

.storage .box { fill: var(--soft); stroke: var(--faint); stroke-width: 1.5; }
.storage text { stroke: none; }
.storage .name { text-anchor: start; font-weight: 600; }
.storage .token { text-anchor: end; font-size: 12px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.storage .write { fill: none; stroke: var(--line); }
.storage .write.accepted { fill: currentColor; stroke: none; }
.storage .write.refused { fill: var(--danger); stroke: none; }
.storage .mark { font-size: 11px; font-weight: 700; fill: var(--paper); }
.storage .mark.refused { fill: var(--on-danger); }

.hollow { fill: var(--paper); stroke: currentColor; stroke-width: 2.4; }
.stroke { fill: none; stroke: var(--paper); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.muted { fill: var(--paper); stroke: var(--quiet); stroke-width: 1.6; }
.mutedStroke { fill: none; stroke: var(--quiet); stroke-width: 1.8; stroke-linecap: round; }
.danger { fill: var(--danger); }
.faint { fill: var(--quiet); }

.twoHolders rect { fill: var(--danger); stroke: var(--danger); stroke-opacity: 0.3; stroke-width: 4; }
.twoHolders text { fill: var(--on-danger); stroke: none; font-size: 18px; font-weight: 700; }
@media (prefers-reduced-motion: no-preference) {
  .twoHolders rect { animation: alarm 0.9s ease-in-out infinite alternate; }
}
@keyframes alarm { to { stroke-width: 18; } }
`;
