/** How much is worth a line, from the most to the least urgent. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** `text` for people, `json` for programs: one object a line. */
export const LOG_FORMATS = ['text', 'json'] as const;

export type LogFormat = (typeof LOG_FORMATS)[number];

/** What a line says beside its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines for operators. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** How a {@link Log} writes. */
export interface LogOptions {
  readonly format: LogFormat;
  /** The least urgent level that is written. */
  readonly level: LogLevel;
  readonly write: (line: string) => void;
}

/** Creates a log. Of errors it tells the message; the stack only at level `debug`. */
export function createLog({ format, level: least, write }: LogOptions): Log {
  const rank = LOG_LEVELS.indexOf(least);
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) > rank) return;
    const plain = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, plainOf(value, least === 'debug')]),
    );
    if (format === 'json') {
      write(JSON.stringify({ time: new Date().toISOString(), level, message, ...plain }));
      return;
    }
    const rest = Object.entries(plain).filter(([, value]) => value !== undefined);
    const words = rest.map(([name, value]) => `${name}=${textOf(value)}`);
    write([level === 'info' ? message : `${level}: ${message}`, ...words].join(' '));
  };
}

function plainOf(value: unknown, withStack: boolean): unknown {
  if (!(value instanceof Error)) return value;
  return withStack ? (value.stack ?? value.message) : value.message;
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"]+$/.test(text) ? text : JSON.stringify(text);
}
