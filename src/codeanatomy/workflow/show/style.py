"""The style of a run's page: two palettes, one for light and one for dark."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #e2e6ec; --ink: #1b2430; --soft: #5f6c7d;
  --accent: #2f6fed; --accent-soft: #e8f0ff; --good: #178a52; --good-soft: #e4f6ec;
  --bad: #c8322b; --bad-soft: #fdebea; --wait: #a76a00; --wait-soft: #fff3dc; --arrow: #aab4c2;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141a; --card: #181e27; --line: #2a3340; --ink: #e4e9f0; --soft: #93a1b3;
    --accent: #6ea2ff; --accent-soft: #1c2b47; --good: #4fcf8d; --good-soft: #15321f;
    --bad: #ff7b72; --bad-soft: #3a1b1d; --wait: #f0b44c; --wait-soft: #35280f; --arrow: #4a586a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; letter-spacing: -.01em;
  overflow-wrap: anywhere; }
h2 { font-size: 13px; text-transform: uppercase; letter-spacing: .08em; color: var(--soft);
  margin: 0 0 14px; font-weight: 600; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 12px; margin-bottom: 18px; }
.status { padding: 3px 12px; border-radius: 99px; font-weight: 600; font-size: 13px;
  background: var(--accent-soft); color: var(--accent); }
.status.done { background: var(--good-soft); color: var(--good); }
.status.failed { background: var(--bad-soft); color: var(--bad); }
.status.waiting { background: var(--wait-soft); color: var(--wait); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 1px;
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden;
  margin: 0 0 20px; }
.facts div { box-shadow: 0 0 0 1px var(--line); padding: 12px 16px; min-width: 0; }
dt { color: var(--soft); font-size: 12px; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
dd.id { font: 12.5px/1.6 var(--mono); font-weight: 400; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 20px; margin-bottom: 20px; }
.scroll { overflow: auto; }
.trouble { border-color: var(--bad); background: var(--bad-soft); }
.trouble h2 { color: var(--bad);
  margin-bottom: 8px; }
.trouble p { margin: 0 0 6px; } .trouble pre { margin: 0; }
pre, code { font: 12.5px/1.55 var(--mono); }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
svg.graph { display: block; margin: 0 auto; }
svg.graph text { font: 13px var(--mono); fill: var(--ink); text-anchor: middle; }
.node rect { fill: var(--card); stroke: var(--arrow); stroke-width: 1.4; }
.node.fan_in > rect { stroke-dasharray: none; stroke-width: 2.4; }
.node.empty > rect { stroke-dasharray: 2 3; }
.node.idle text { fill: var(--soft); }
.node.ran > rect:first-of-type { fill: var(--accent-soft); stroke: var(--accent); }
.node.ran.start > rect, .node.ran.end > rect { fill: var(--accent); stroke: var(--accent); }
.node.ran.start > text, .node.ran.end > text { fill: var(--card); }
.node.failed > rect:first-of-type { fill: var(--bad-soft); stroke: var(--bad); stroke-width: 2.2; }
.node.failed > text:first-of-type { fill: var(--bad); }
.node.waiting > rect:first-of-type { fill: var(--wait-soft); stroke: var(--wait);
  stroke-width: 2.2; }
.node rect.badge { fill: var(--accent); stroke: none; }
svg.graph text.badge { fill: var(--card); font: 600 11px system-ui, sans-serif; }
path.arrow, path.taken { fill: none; stroke: var(--arrow); stroke-width: 1.4; }
path.taken { stroke: var(--accent); stroke-width: 2.4; }
path.conditional.arrow { stroke-dasharray: 4 4; }
path.head { fill: var(--arrow); } path.head-taken { fill: var(--accent); }
svg.graph text.label { font: 11.5px system-ui, sans-serif; fill: var(--soft); stroke: var(--card);
  stroke-width: 5px; paint-order: stroke; stroke-linejoin: round; }
svg.graph text.label.taken { fill: var(--accent); font-weight: 600; }
table.time { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
table.time td { padding: 3px 0; } table.time td.name { white-space: nowrap; padding-right: 14px;
  width: 1%; font: 12.5px var(--mono); max-width: 300px; overflow: hidden;
  text-overflow: ellipsis; }
table.time td.took { text-align: right; color: var(--soft); font-size: 12.5px; width: 76px; }
table.time td.name.branch { color: var(--soft); }
.track { background: var(--page); border-radius: 5px; height: 14px; display: block; width: 100%; }
.track rect { fill: var(--accent); } .track rect.idle { fill: var(--line); }
.track rect.failed { fill: var(--bad); }
details.step { border-top: 1px solid var(--line); }
details.step:first-of-type { border-top: 0; }
details.step > summary { display: flex; gap: 12px; align-items: baseline; padding: 10px 4px;
  cursor: pointer; list-style: none; }
details.step > summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--page); border-radius: 8px; }
.n { color: var(--soft); width: 38px; text-align: right; font-variant-numeric: tabular-nums; }
.name { font: 600 13.5px var(--mono); overflow-wrap: anywhere; }
.tag { font-size: 12px; color: var(--soft); border: 1px solid var(--line); border-radius: 99px;
  padding: 0 9px; white-space: nowrap; }
.tag.bad { color: var(--bad); border-color: var(--bad); }
.tag.wait { color: var(--wait); border-color: var(--wait); }
.took { margin-left: auto; color: var(--soft); font-size: 13px; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.keys { color: var(--soft); font-size: 13px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; min-width: 0; flex: 1; }
.body { padding: 2px 4px 14px 54px; }
.diff { display: grid; grid-template-columns: minmax(90px, max-content) 1fr; gap: 6px 14px; }
.diff .key { font: 600 12.5px/1.9 var(--mono); overflow-wrap: anywhere; }
.diff pre, .fail { padding: 3px 10px; border-radius: 6px; border-left: 3px solid var(--line);
  background: var(--page); margin-bottom: 3px; max-height: 320px; overflow: auto; }
.diff pre.old { border-color: var(--bad); background: var(--bad-soft); }
.diff pre.new { border-color: var(--good); background: var(--good-soft); }
.fail { border-color: var(--bad); background: var(--bad-soft); color: var(--bad);
  margin-bottom: 8px; }
.none { color: var(--soft); }
h3 { font-size: 12px; color: var(--soft); margin: 12px 0 6px; font-weight: 600; }
footer { color: var(--soft); font-size: 12.5px; text-align: center; }
@media print { body { background: #fff; } .card { break-inside: avoid; } }
"""
