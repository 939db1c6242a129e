import { pino, stdTimeFunctions, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';

/** The levels of a line, from the most to the least urgent. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** `text` for people, `json` for programs: one object a line. */
export const LOG_FORMATS = ['text', 'json'] as const;

export type LogFormat = (typeof LOG_FORMATS)[number];

/** Writes lines for operators. */
export type Log = Pick<Logger, LogLevel>;

/** The format and the destination of a {@link Log}. */
export interface LogOptions {
  readonly format: LogFormat;
  /** The least urgent level that is written. */
  readonly level: LogLevel;
  readonly write: (line: string) => void;
}

/** Creates a log. An error is written as its message; at level `debug`, with its stack. */
export function createLog({ format, level, write }: LogOptions): Log {
  const textOf = prettyFactory({
    colorize: false,
    ignore: 'time',
    messageKey: 'message',
    errorLikeObjectKeys: [],
    singleLine: true,
  });
  return pino(
    {
      base: null,
      level,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: (error: unknown) => plainOf(error, level === 'debug') },
    },
    {
      write(line) {
        write((format === 'json' ? line : textOf(line)).trimEnd());
      },
    },
  );
}

function plainOf(value: unknown, withStack: boolean): unknown {
  if (!(value instanceof Error)) return value;
  return withStack ? (value.stack ?? value.message) : value.message;
}
