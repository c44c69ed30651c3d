/** How the operator's pages look: one sheet, inside the page, in light and dark. */
export const style = `
:root { color-scheme: light dark; --edge: #8886; --soft: #8881; --good: #1a7f37; --bad: #cf222e; --open: #9a6700; --bar: #0969da; }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff8182; --open: #e3b341; --bar: #58a6ff; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 0 1rem 4rem; max-width: 80rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--edge); padding: .75rem 0; }
header nav { display: flex; flex-wrap: wrap; gap: 1rem; flex: 1; }
header form { margin: 0; }
h1 { font-size: 1.5rem; margin: 1.25rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem; }
a[aria-current] { font-weight: 700; text-decoration: none; color: inherit; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: 0; background: Canvas; padding: .5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--edge); }
caption { text-align: left; padding: .25rem 0; }
code, pre { font: .875em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: var(--soft); padding: .5rem .75rem; margin: .25rem 0; max-height: 30rem; overflow: auto; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: .5rem 0; } dt { font-weight: 600; } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
.state { font-weight: 600; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
.track { position: relative; min-width: 14rem; height: 1rem; margin-top: .3rem; background: var(--soft); }
.track span { position: absolute; top: 0; bottom: 0; min-width: 3px; background: var(--bar); }
.track .bad { background: var(--bad); } .track .open { background: var(--open); }
form.filter, .actions form { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin: .5rem 0; }
label { display: grid; font-size: .875rem; }
input, select, button, textarea { font: inherit; padding: .3rem .5rem; }
:focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
.note { border-left: 4px solid var(--bar); background: var(--soft); padding: .5rem .75rem; }
.note.bad { border-color: var(--bad); color: inherit; }
`;
