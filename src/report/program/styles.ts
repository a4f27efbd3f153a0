/** How the page looks: light and dark, on paper, on a desk and on a phone. */
export const STYLES = `
:root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1c1b19;--soft:#5a5751;--line:#e2dfd8;--wash:#f2f0eb;--link:#0b57b0;--focus:#0b57b0;
--good:#1b6e44;--attention:#8a5300;--danger:#b3261e;--strong:#c2410c;--calm:#8ba3c4;--edge:#6d6a64;--right:#8f8b84;
--door:#e4edfb;--door-line:#4a7fd0;--compute:#fff;--compute-line:#8d8981;--store:#fdeed8;--store-line:#c07a1c;--queue:#e6f4ec;--queue-line:#3e9468;
--s0:#2f6fd0;--s1:#d07a1e;--s2:#3a946b;--s3:#8a5fc7;--s4:#b84a62;--s5:#4b8a99}
@media (prefers-color-scheme:dark){:root{--paper:#171614;--card:#1f1e1b;--ink:#ece9e3;--soft:#aaa59c;--line:#37342f;--wash:#26241f;--link:#8ab8ff;--focus:#8ab8ff;
--good:#7fd1a3;--attention:#f0b65a;--danger:#ff9d94;--strong:#f0813f;--calm:#5c7191;--edge:#a29d94;--right:#7d786f;
--door:#1d2c45;--door-line:#6f9fe6;--compute:#2a2823;--compute-line:#8d8981;--store:#3d2c14;--store-line:#e0a04a;--queue:#17342a;--queue-line:#63b88d;
--s0:#6a9ff0;--s1:#e69a48;--s2:#5cb98d;--s3:#b08fe6;--s4:#e07f95;--s5:#79b4c2}}
*{box-sizing:border-box}
html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:3}
header,main,footer{max-width:86rem;margin:0 auto;padding:0 2rem}
header{padding-top:3rem}
h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;margin:0 0 .4rem;font-weight:700}
h2{font-size:1.45rem;letter-spacing:-.012em;margin:0 0 .3rem;line-height:1.25}
h3{font-size:1.02rem;margin:2.2rem 0 .6rem}
header p,.lead{color:var(--soft);margin:0;max-width:62rem}
nav{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--line);margin-top:1.6rem}
nav ul{max-width:86rem;margin:0 auto;padding:.2rem 2rem;list-style:none;display:flex;gap:1.6rem;overflow-x:auto}
nav a{display:block;padding:.6rem 0;color:var(--soft);text-decoration:none;white-space:nowrap;font-weight:500}
nav a:hover{color:var(--ink);text-decoration:underline}
section{margin:4rem 0 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem;margin-top:2rem}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem 1.3rem 1.2rem}
.tile h2{font-size:1.05rem;letter-spacing:0}
.tile p{margin:0;color:var(--soft);font-size:.87rem}
.tile dl{display:grid;grid-template-columns:1fr 1fr;gap:.7rem 1rem;margin:1rem 0 0}
.tile dl div{display:flex;flex-direction:column-reverse}
.tile dd{margin:0;font-size:1.35rem;font-weight:650;letter-spacing:-.02em;line-height:1.2;font-variant-numeric:tabular-nums}
.tile dt{color:var(--soft);font-size:.82rem}
figure{margin:1.4rem 0 .6rem}
figcaption,caption{text-align:left;color:var(--soft);font-size:.87rem;padding:0 0 .5rem;font-weight:600}
figcaption b{color:var(--ink);font-size:1rem}
.canvas{overflow:auto;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem}
.canvas svg{display:block;width:100%;height:auto;margin:0 auto}
.scroll{overflow-x:auto;margin:.9rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.48rem 1.1rem .48rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-weight:600;font-size:.82rem;white-space:nowrap;border-bottom:2px solid var(--line);vertical-align:bottom}
tbody tr:hover{background:var(--wash)}
tfoot td{font-weight:650;border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td small{display:block;color:var(--soft);font-weight:400;font-size:.84em;line-height:1.4}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.swatch{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.45em}
.measure{display:flex;align-items:center;gap:.8rem;justify-content:flex-end}
.track{flex:1;min-width:4rem;height:.72rem;border-radius:0 3px 3px 0}
.track i{display:block;height:100%;min-width:1px;border-radius:0 3px 3px 0}
.measure span:last-child{min-width:4.2rem}
.good{color:var(--good)}.attention{color:var(--attention)}.danger{color:var(--danger);font-weight:600}
.good:before,.attention:before,.danger:before{display:inline-block;width:1.2em}
.good:before{content:"✓"}.attention:before{content:"○"}.danger:before{content:"▲"}
thead button{all:unset;cursor:pointer;font:inherit;color:inherit}
thead button:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
thead button:after{content:"↕";display:inline-block;width:1.2em;text-align:right;opacity:.55}
[aria-sort=ascending] button:after{content:"↑";opacity:1}[aria-sort=descending] button:after{content:"↓";opacity:1}
details{border:1px solid var(--line);border-radius:10px;background:var(--card);margin:.7rem 0;padding:0 1.1rem}
summary{cursor:pointer;padding:.65rem 0;font-weight:550}
details[open]>summary{border-bottom:1px solid var(--line);margin-bottom:.6rem}
ul.plain{padding-left:1.1rem;columns:2 24rem;column-gap:2.5rem;margin:.6rem 0 1rem}
ul.plain li{break-inside:avoid;margin-bottom:.35rem}ul.plain small{color:var(--soft);display:block}
.gantt td,.gantt th{border-bottom:0;padding-top:.2rem;padding-bottom:.2rem}
.gantt tbody th{font-weight:400;width:34%}
.gantt tbody th small{display:block;color:var(--soft)}
.gantt .lane{padding-right:0;vertical-align:middle}
.axis{position:relative;height:1.3em}.axis span{position:absolute;transform:translateX(-50%)}.axis span:first-child{transform:none}
.rail{position:relative;height:1.5rem;background-image:linear-gradient(to right,var(--line) 1px,transparent 1px)}
.rail i{position:absolute;top:.2rem;bottom:.2rem;background:var(--calm);border-radius:3px;min-width:3px}
.rail i.critical{background:var(--strong)}
.rail b{position:absolute;top:0;line-height:1.5rem;font-weight:500;font-size:.84em;font-variant-numeric:tabular-nums;white-space:nowrap;padding:0 .45rem}
.rail b.before{transform:translateX(-100%)}
.diagram text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink)}
.diagram .node text{text-anchor:middle}.diagram .node .kind{font-size:11px;fill:var(--soft)}
.diagram .block rect{fill:var(--wash);stroke:var(--line)}.diagram .block text{font-size:12px;font-weight:600;fill:var(--soft)}
.node rect,.node path{stroke-width:1.3;fill:var(--compute);stroke:var(--compute-line)}
.node.door rect{fill:var(--door);stroke:var(--door-line)}.node.store path{fill:var(--store);stroke:var(--store-line)}
.node.queue rect{fill:var(--queue);stroke:var(--queue-line)}.node.outside rect{fill:var(--ink);stroke:var(--ink)}.diagram .node.outside text{fill:var(--paper);font-weight:600}
.node.helper rect{stroke-dasharray:4 3}
.edge path{fill:none;stroke:var(--edge);stroke-width:1.3}.edge .tip{fill:var(--edge);stroke:none}
.edge.right path{stroke:var(--right);stroke-dasharray:1.5 3.5;stroke-linecap:round}.edge.right .tip{fill:var(--right)}
.diagram .edge text{font-size:10.5px;text-anchor:middle;fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.edge:hover path{stroke:var(--strong);stroke-width:2.4}.edge:hover .tip{fill:var(--strong);stroke:none}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;color:var(--soft);font-size:.84rem;margin:.6rem 0 0;padding:0;list-style:none}
footer{margin-top:5rem;padding-top:1.2rem;padding-bottom:3rem;color:var(--soft);font-size:.85rem}
@media (max-width:46rem){header,main,footer{padding-left:1.1rem;padding-right:1.1rem}nav ul{padding-left:1.1rem;padding-right:1.1rem;gap:1.2rem}
h1{font-size:1.6rem}section{margin-top:3rem}.canvas{padding:.5rem;margin:0 -1.1rem;border-radius:0;border-width:1px 0}
.cards thead{display:none}.cards,.cards tbody,.cards tfoot,.cards tr,.cards caption,.cards td{display:block;width:auto}
.cards tr{border-bottom:1px solid var(--line);padding:.55rem 0}.cards td{border:0;padding:.12rem 0;text-align:left;white-space:normal}
.cards td[data-of]:not(:first-child):before{content:attr(data-of);display:block;color:var(--soft);font-size:.76rem}
.cards td[data-empty]{display:none}.measure{justify-content:flex-start;flex-direction:row-reverse}.measure span:last-child{min-width:4.6rem;text-align:right}
.gantt tbody,.gantt tr,.gantt tbody th,.gantt td{display:block;width:auto}.gantt thead{display:none}.gantt tbody th{padding-bottom:0}}
@media print{:root{--paper:#fff;--card:#fff;--wash:#f4f4f4}nav,.skip{display:none}body{font-size:10pt}section{margin-top:2rem}
details::details-content{content-visibility:visible;height:auto;display:block}details{border:0;padding:0}tr,figure{break-inside:avoid}
i,.node rect,.node path,.swatch{print-color-adjust:exact;-webkit-print-color-adjust:exact}.canvas,.scroll{overflow:visible}.canvas svg{min-width:0!important}thead button:after{content:""}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`.replace(/\n/g, '');

/** The one thing that a script does: sorts tables. Everything else works without. */
export const SORTING = `for(const table of document.querySelectorAll('table.sortable')){const heads=[...table.tHead.rows[0].cells];heads.forEach((head,column)=>{
const button=document.createElement('button');button.type='button';button.append(...head.childNodes);head.append(button);
button.addEventListener('click',()=>{const down=head.getAttribute('aria-sort')==='ascending';for(const other of heads)other.removeAttribute('aria-sort');
head.setAttribute('aria-sort',down?'descending':'ascending');const body=table.tBodies[0];
const value=row=>{const cell=row.cells[column];return cell.dataset.order??cell.textContent};
const compare=(a,b)=>{const[x,y]=[value(a),value(b)];const[m,n]=[Number(x),Number(y)];return Number.isNaN(m)||Number.isNaN(n)?x.localeCompare(y,'en',{numeric:true}):m-n};
body.append(...[...body.rows].sort((a,b)=>down?compare(b,a):compare(a,b)))})})}`.replace(/\n/g, '');
