/** How the plot looks. It brings its own paper: a page need not be as dark as its reader's system. */
export const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.head { font-size: 16px; font-weight: 600; }
.muted { fill: #59636e; }
.name { text-anchor: end; }
.tick { fill: #59636e; font-size: 12px; text-anchor: middle; }
.value { font-size: 12px; font-variant-numeric: tabular-nums; }
.value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; }
.paper { fill: #ffffff; }
.first { fill: #4493f8; }
.replay { fill: #e3a008; }
.grid { stroke: #d1d9e0; }
.one { stroke: #1f2328; stroke-width: 1.5; }
.whisker { fill: none; stroke: #1f2328; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .muted, .tick { fill: #9198a1; }
  .value { stroke: #0d1117; }
  .paper { fill: #0d1117; }
  .first { fill: #2f72d0; }
  .replay { fill: #a87908; }
  .grid { stroke: #30363d; }
  .one, .whisker { stroke: #e6edf3; }
}
`;
