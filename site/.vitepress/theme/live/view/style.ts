/** Colors follow the `color-scheme` of the page, which VitePress sets. */
export const STYLE = `
:host {
  --ink: light-dark(#1f2328, #e6e8eb); --quiet: light-dark(#59636e, #a0a8b3);
  --faint: light-dark(#c9d0d8, #434b55); --line: light-dark(#dde2e8, #30363f);
  --paper: light-dark(#ffffff, #1b1f24); --soft: light-dark(#f5f7f9, #23282f);
  --a: light-dark(#1f6fd6, #6cacff); --b: light-dark(#b85a00, #f2a65a); --c: light-dark(#0a8268, #4ccfae);
  --good: light-dark(#1a7f4b, #56c98b); --warning: light-dark(#9a6700, #e0b341); --deed: light-dark(#6b4fbb, #b39dff);
  --danger: light-dark(#c62828, #ff7b72); --on-danger: light-dark(#ffffff, #2a0707);
  display: block; container-type: inline-size; color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
* { box-sizing: border-box; margin: 0; padding: 0; list-style: none; }
.frame { display: grid; gap: 14px; padding: 14px; border: 1px solid var(--line); border-radius: 12px; background: var(--paper); }
.frame > * { min-width: 0; }
button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--faint); border-radius: 8px; padding: 4px 10px; min-height: 34px; cursor: pointer; }
button:hover { background: var(--soft); }
button[aria-pressed='true'] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
button[aria-disabled='true'] { color: var(--quiet); border-style: dashed; cursor: default; }
button.primary { background: var(--a); border-color: var(--a); color: var(--paper); min-width: 76px; font-weight: 600; }
:focus-visible { outline: 3px solid var(--a); outline-offset: 2px; }
.presets, .group, .transport, .interventions, .legend { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.transport, .interventions { gap: 10px 18px; } .presets button { border-radius: 17px; }
.sentence { margin-top: 12px; font-size: 15px; max-width: 82ch; min-height: 3em; }
.main { display: grid; gap: 10px; align-content: start; }
.picture > svg { display: block; width: 100%; max-width: 580px; margin: auto; }
.caption { text-align: center; min-height: 4em; } .latest { font-weight: 600; }
.ending { color: var(--good); } .ending.bad { color: var(--danger); }
.events { overflow-y: auto; height: 190px; font-size: 13px; overscroll-behavior: contain; }
.events li { display: grid; grid-template-columns: 58px 1fr; gap: 8px; padding: 4px 0 4px 8px; border-left: 3px solid transparent; border-bottom: 1px solid var(--line); }
.events .good { border-left-color: var(--good); } .events .warning { border-left-color: var(--warning); } .events .deed { border-left-color: var(--deed); }
.events .alarm { border-left-color: var(--danger); color: var(--danger); font-weight: 600; }
time, .legend, .quiet, .remark { font-size: 12px; color: var(--quiet); }
time, svg text { font-variant-numeric: tabular-nums; }
.joined { flex-wrap: nowrap; gap: 0; }
.joined button { border-radius: 0; margin-left: -1px; padding: 4px 8px; min-width: 36px; }
.interventions { border-top: 1px solid var(--line); padding-top: 14px; }
.interventions .quiet { flex: 0 0 100%; font-size: 14px; }
.legend { gap: 2px 14px; } [hidden] { display: none !important; } .legend li { display: flex; align-items: center; gap: 4px; }
@container (min-width: 860px) {
  .frame { grid-template-columns: minmax(0, 1fr) 300px; column-gap: 22px; padding: 20px; }
  .intro, .interventions, .legend, .remark { grid-column: 1 / -1; }
  .events { height: 0; min-height: 100%; }
}
svg text { fill: var(--ink); text-anchor: middle; font-size: 13px; }
svg .name, svg .key, .phase { font-weight: 600; }
svg .name { text-anchor: start; } .A { color: var(--a); } .B { color: var(--b); } .C { color: var(--c); }
.path line { stroke: var(--line); stroke-width: 1.2; } .path.held line { stroke: currentColor; stroke-width: 2.4; opacity: 0.75; }
.path.doubted line { stroke-dasharray: 2 6; stroke-linecap: round; } .path.severed line { stroke-dasharray: 3 5; stroke: var(--faint); }
.cross { stroke: var(--danger); stroke-width: 2.4; stroke-linecap: round; }
[data-part] { cursor: pointer; }
.box, .disc, .halo { fill: var(--paper); stroke: var(--faint); stroke-width: 1.5; }
.chosen .box, .chosen .disc { filter: drop-shadow(0 0 3px var(--quiet)); }
.track { fill: var(--line); } .bar { fill: currentColor; }
.key { fill: currentColor; } .key, svg .token { text-anchor: end; }
.badge, svg .queue, svg .detail, svg .token { font-size: 12px; fill: var(--quiet); }
svg .badge { fill: var(--danger); }
:is(.A, .B, .C) > :is(.box, .disc) { stroke: currentColor; stroke-width: 2; }
[data-part]:is(.cut, .paused, .down) :is(.box, .disc) { stroke-dasharray: 5 4; }
.down :is(.box, .disc) { fill: var(--soft); stroke: var(--danger); }
.quarantined .badge, .paused .phase { fill: var(--warning); }
.quarantined .box { fill: light-dark(#fff8e6, #2e2718); }
.halo { stroke: var(--line); stroke-width: 4; } .ring { fill: none; stroke: currentColor; stroke-width: 5; }
svg .letter { font-size: 20px; font-weight: 700; fill: currentColor; }
.holder .disc { fill: currentColor; }
.holder .letter, svg .mark { fill: var(--paper); }
.alarm .halo { stroke: var(--danger); stroke-width: 9; }
.down .phase, .alarm .phase { fill: var(--danger); }
.storage .box { fill: var(--soft); }
.storage g rect { fill: currentColor; } .storage .refused rect { fill: var(--danger); }
svg .mark { font-size: 11px; font-weight: 700; }
.filled { fill: currentColor; }
.hollow, .muted { fill: var(--paper); stroke: currentColor; stroke-width: 2; } .muted { stroke: var(--quiet); } .danger { fill: var(--danger); } .faint { fill: var(--quiet); }
.sign { fill: none; stroke: var(--paper); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.muted .sign { stroke: var(--quiet); }
.twoHolders rect { fill: var(--danger); }
.twoHolders text { fill: var(--on-danger); font-size: 18px; font-weight: 700; }
`;
