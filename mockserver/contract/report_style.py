"""How the HTML report looks: one style sheet, for light and dark, wide and narrow, screen and paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b2330; --soft: #5b6675; --line: #dfe3e9; --code: #f0f2f6;
  --error: #b3261e; --error-bg: #fdecea; --warning: #8a5300; --warning-bg: #fff3dc; --note: #1f5fa8; --note-bg: #e8f1fc;
  --fine: #1d7044; --fine-bg: #e5f5ec; --known: #5b6675; --known-bg: #eceff3; --accent: #3355cc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161d; --card: #1a2029; --ink: #e6eaf0; --soft: #9aa6b5; --line: #2c3440; --code: #222a35;
    --error: #ff8b80; --error-bg: #3a1d1d; --warning: #f3b95f; --warning-bg: #372a14; --note: #84b7f5;
    --note-bg: #18293f; --fine: #6fd39b; --fine-bg: #15301f; --known: #9aa6b5; --known-bg: #262e39; --accent: #8fa8ff;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main, header > div, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { background: var(--card); border-bottom: 1px solid var(--line); border-top: 6px solid var(--tone); }
header > div { padding-top: 1.75rem; padding-bottom: 1.5rem; }
h1 { font-size: clamp(1.4rem, 4vw, 2rem); line-height: 1.25; margin: 0 0 .35rem; text-wrap: balance; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
h2 small, h3 small { color: var(--soft); font-weight: 400; font-size: .85em; margin-left: .4rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 .6rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); }
.error { --tone: var(--error); --wash: var(--error-bg); }
.warning { --tone: var(--warning); --wash: var(--warning-bg); }
.note { --tone: var(--note); --wash: var(--note-bg); }
.fine { --tone: var(--fine); --wash: var(--fine-bg); }
.known { --tone: var(--known); --wash: var(--known-bg); }
code, pre, .mono {
  font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace; font-size: .875em;
}
code { background: var(--code); border-radius: 4px; padding: .1em .35em; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
nav { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin-top: 1rem; font-size: .95rem; }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0;
  padding: 0;
}
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .95rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd {
  margin: 0; font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums;
  color: var(--tone, inherit);
}
.badge {
  display: inline-block; background: var(--wash); color: var(--tone); border-radius: 5px;
  padding: .05rem .45rem; font-weight: 650; font-size: .85em; white-space: nowrap;
}
article {
  background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 8px;
  padding: .8rem 1.1rem .9rem; margin: .75rem 0;
}
article .what { font-weight: 600; overflow-wrap: anywhere; }
article .who { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
article dl {
  display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .6rem 0 0;
  font-size: .92rem;
}
article dt { color: var(--soft); }
article dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.mend { margin-top: .65rem; font-size: .92rem; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .45rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.target { overflow-wrap: anywhere; min-width: 14rem; }
.chip {
  display: inline-block; border: 1px solid var(--line); border-radius: 5px; padding: 0 .4rem; margin: 0 .2rem .15rem 0;
  font-size: .85em; color: var(--soft); white-space: nowrap;
}
.chip.seen { background: var(--fine-bg); color: var(--fine); border-color: transparent; }
.chip.undeclared { background: var(--warning-bg); color: var(--warning); border-color: transparent; }
meter { width: 100%; height: .9rem; }
.remarks { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .7rem 1.1rem; }
.remarks ul { margin: 0; padding-left: 1.1rem; }
.empty {
  background: var(--card); border: 1px dashed var(--line); border-radius: 8px; padding: 1.25rem;
  color: var(--soft);
}
details > summary { cursor: pointer; padding: .3rem 0; }
:target { box-shadow: 0 0 0 2px var(--accent); border-radius: 8px; }
footer { color: var(--soft); font-size: .85rem; margin-top: 3rem; padding-bottom: 2.5rem; }
@media (max-width: 40rem) { article dl { grid-template-columns: 1fr; } article dd { margin-bottom: .3rem; } }
@media print {
  body { background: #fff; font-size: 12px; }
  article, .scroll, .tiles div { break-inside: avoid; }
  nav { display: none; }
}
"""
