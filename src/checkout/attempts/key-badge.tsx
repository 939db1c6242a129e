const HUES = 6;
const SHOWN_LENGTH = 4;

interface KeyBadgeProps {
  readonly value: string;
  /** Equal keys have equal numbers, and so equal colours. */
  readonly number: number;
}

/** The colour of a key. */
export function hueOf(keyNumber: number): number {
  return keyNumber % HUES;
}

/** The beginning of a key. */
export function KeyBadge({ value, number }: KeyBadgeProps): React.ReactNode {
  return (
    <span className="key" data-hue={hueOf(number)} title={value}>
      <span className="unseen">key </span>
      {value.slice(0, SHOWN_LENGTH)}
    </span>
  );
}
