// The look of report.html.
#pragma once
#include <string_view>

namespace ebm::experiments {

inline constexpr std::string_view report_style = R"(
:root{color-scheme:light dark;--paper:#ffffff;--ink:#1f2328;--muted:#59636e;--rule:#e1e5ea;--soft:#f6f8fa;
--value:#0550ae;--done:#1a7f37;--bad:#b42318;--warn:#8a5a00;--run:#0550ae;--shade:rgba(0,0,0,.13)}
@media (prefers-color-scheme:dark){:root{--paper:#15191f;--ink:#e6edf3;--muted:#9198a1;--rule:#2f363f;--soft:#1c2128;
--value:#79b8ff;--done:#4ac26b;--bad:#ff8a80;--warn:#e3b341;--run:#79b8ff;--shade:rgba(0,0,0,.6)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:74rem;margin:0 auto;padding:0 clamp(1rem,4vw,3rem)}
header{padding-top:clamp(2rem,6vw,4.5rem)}
h1{font-size:clamp(1.7rem,4vw,2.4rem);line-height:1.2;letter-spacing:-.015em;font-weight:650;margin:0;overflow-wrap:anywhere}
h2{font-size:1.25rem;font-weight:650;letter-spacing:-.005em;margin:0 0 .6rem}
h3{font-size:.95rem;font-weight:600;margin:0;overflow-wrap:anywhere}
p{margin:0 0 .8rem;max-width:46rem}
section{margin:clamp(2.6rem,6vw,4.5rem) 0 0}
.question{font-size:1.1rem;margin:.7rem 0 0}
.facts{color:var(--muted);font-size:.9rem;margin:1rem 0 0;max-width:none;font-variant-numeric:tabular-nums}
.verdict{font-size:clamp(1.1rem,2vw,1.3rem);line-height:1.5;border-left:3px solid var(--ink);padding-left:1.1rem;margin:0 0 1rem;max-width:50rem}
.verdict strong{font-weight:650}
.note{color:var(--muted);font-size:.9rem}
.progress{display:flex;height:6px;border-radius:3px;overflow:hidden;background:var(--rule);margin:1rem 0 0;max-width:46rem}
.progress span{display:block}
.progress .done{background:var(--done)}.progress .failed,.progress .diverged{background:var(--bad)}
.progress .running{background:var(--run)}.progress .interrupted{background:var(--warn)}
.state{font-weight:600;font-size:.9em}
.state.done{font-weight:400;color:var(--muted)}.state.failed,.state.diverged{color:var(--bad)}
.state.running{color:var(--run)}.state.interrupted{color:var(--warn)}.state.pending{color:var(--muted)}
.scroll{overflow-x:auto;background:linear-gradient(to right,var(--paper) 30%,transparent),linear-gradient(to left,var(--paper) 30%,transparent) 100% 0,
linear-gradient(to right,var(--shade),transparent),linear-gradient(to left,var(--shade),transparent) 100% 0;background-repeat:no-repeat;
background-size:2rem 100%,2rem 100%,.7rem 100%,.7rem 100%;background-attachment:local,local,scroll,scroll}
.scroll:focus-visible{outline:2px solid var(--value);outline-offset:2px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:.42rem .9rem .42rem 0;text-align:left;white-space:nowrap;vertical-align:baseline;font-weight:400}
th:last-child,td:last-child{padding-right:.2rem}
thead th{color:var(--muted);font-size:.8rem;border-bottom:1px solid var(--muted);vertical-align:bottom}
tbody td,tbody th{border-bottom:1px solid var(--rule)}
tbody tr:hover{background:var(--soft)}
.n{text-align:right}
th.n:first-child{text-align:left}
.n+td:not(.n),.n+th:not(.n){padding-left:1rem}
td small{color:var(--muted);font-size:.85em;margin-left:.35em}
#provenance td{white-space:normal;overflow-wrap:anywhere;min-width:16rem}
#provenance th{vertical-align:top;color:var(--muted)}
thead button{all:unset;cursor:pointer;color:inherit}
thead button:hover{color:var(--ink)}
thead button:focus-visible,.label:focus-visible{outline:2px solid var(--value);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
.whole{white-space:nowrap}
.unnamed{padding-left:calc(26px + .55rem)}
.named{display:inline-flex;align-items:center;gap:.55rem}
svg.key{width:26px;height:8px;flex:none}
figure{margin:0;min-width:0}
.figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:2.2rem 2rem;margin-top:1.2rem}
.figures .wide{grid-column:1/-1}
figcaption{font-weight:600;font-size:.95rem;margin:0 0 .4rem}
figure .ebm-curves{display:block;width:100%;height:auto}
.wide .ebm-curves{min-width:40rem}.narrow .ebm-curves{min-width:30rem}
.ebm-curves .number{font-variant-numeric:tabular-nums}
.ebm-curves .label{cursor:default}
.scripted-page .ebm-curves .label{cursor:pointer}
.ebm-curves .off{display:none}
.ebm-curves .label.off{display:inline;opacity:.4}
.ebm-curves .mean{stroke:var(--ink)}
.guide{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 3}
.values{position:absolute;z-index:2;pointer-events:none;background:var(--paper);border:1px solid var(--rule);border-radius:6px;
box-shadow:0 4px 14px rgba(0,0,0,.14);padding:.45rem .65rem;font-size:.8rem;line-height:1.45;font-variant-numeric:tabular-nums;white-space:nowrap}
.values p{display:flex;gap:.5rem;justify-content:space-between;align-items:center;margin:0}
.values b{font-weight:600}
.values svg{width:18px;height:8px;flex:none}
.values span{flex:1}
.images{display:flex;flex-wrap:wrap;gap:1.4rem;margin:.6rem 0 1.6rem}
.image{max-width:100%}
.image img{display:block;max-width:100%;height:auto;min-width:8rem;image-rendering:pixelated;border:1px solid var(--rule)}
.image figcaption{font-weight:400;font-size:.8rem;color:var(--muted);margin:.4rem 0 0;max-width:18rem;overflow-wrap:anywhere}
.failure{margin:0 0 1.6rem}
.failure p{margin:.2rem 0 .5rem;overflow-wrap:anywhere}
.plain{list-style:none;margin:0;padding:0;font-size:.875rem;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:6px;padding:.8rem 1rem;margin:0;overflow-x:auto;font:.8rem/1.55 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
.configuration b{font-weight:400;color:var(--value)}
.configuration i{font-style:normal;color:var(--muted)}
summary{cursor:pointer;color:var(--muted);font-size:.9rem;margin-bottom:.6rem}
footer{color:var(--muted);font-size:.8rem;padding-top:4rem;padding-bottom:3rem}
@media screen and (max-width:50rem){#settings tbody th,#timing tbody th{position:sticky;left:0;background:var(--paper)}.figures{grid-template-columns:minmax(0,1fr)}}
@media print{body{font-size:10.5pt}main,header,footer{max-width:none;padding:0}section{margin-top:1.6rem}
.scroll{background:none}.scroll,pre{overflow:visible}pre{white-space:pre-wrap}figure,tr,.failure{break-inside:avoid}h2{break-after:avoid}
.wide .ebm-curves,.narrow .ebm-curves{min-width:0}table{font-size:7.5pt}thead th{font-size:7pt}th,td{padding-right:.5rem}#trials th,#provenance td{white-space:normal}.scripted{display:none}}
)";

} // namespace ebm::experiments
