const ENTRIES = [
  { name: 'ran', state: 'executed', waited: undefined },
  { name: 'replayed', state: 'replayed', waited: undefined },
  { name: 'waited', state: 'replayed', waited: true },
  { name: 'rejected', state: 'rejected', waited: undefined },
  { name: 'response lost', state: 'lost', waited: undefined },
] as const;

/** Says what the bars of the chart mean. Every row says the same in words. */
export function ChartLegend(): React.ReactNode {
  return (
    <ul className="legend" aria-hidden="true">
      {ENTRIES.map(({ name, state, waited }) => (
        <li key={name}>
          <span className="track">
            <span className="bar" data-state={state} data-waited={waited} data-hue="0" />
          </span>
          {name}
        </li>
      ))}
      <li>
        <span className="track">
          <span className="wait" />
        </span>
        before a retry
      </li>
    </ul>
  );
}
