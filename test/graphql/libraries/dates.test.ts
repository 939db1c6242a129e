import { LocalDateTime, ZonedDateTime } from '@js-joda/core';
import dayjs from 'dayjs';
import { DateTime, Duration } from 'luxon';
import moment from 'moment';
import { Temporal } from '@js-temporal/polyfill';
import { testFamily, type Sample } from './samples.js';

const ISO = '2026-01-02T03:04:05.000Z';

/** A booking with one date of a library, read by two fields. */
function dateOf(
  library: string,
  what: string,
  kept: Sample['kept'],
  at: () => unknown,
  year: (at: never) => unknown,
): Sample {
  return {
    ...{ library, what, kept },
    make: () => {
      const date = at();
      return { id: 1, at: date, until: date };
    },
    fields: 'id: ID! at: Text! until: Text! year: Int!',
    resolvers: { year: (booking: { at: never }) => year(booking.at) },
    select: ['{ id at until year }', '{ id }'],
  };
}

testFamily('Dates', [
  dateOf(
    'JavaScript, date-fns',
    'Date',
    'value',
    () => new Date(ISO),
    (at: Date) => at.getUTCFullYear(),
  ),
  dateOf(
    'Luxon',
    'DateTime',
    'response',
    () => DateTime.fromISO(ISO, { zone: 'utc' }),
    (at: DateTime) => at.year,
  ),
  dateOf(
    'Luxon',
    'Duration',
    'response',
    () => Duration.fromISO('P2026Y'),
    (at: Duration) => at.years,
  ),
  dateOf(
    'Day.js',
    'Dayjs',
    'response',
    () => dayjs(ISO),
    (at: dayjs.Dayjs) => at.year(),
  ),
  dateOf(
    'Moment',
    'Moment',
    'response',
    () => moment.utc(ISO),
    (at: moment.Moment) => at.year(),
  ),
  dateOf(
    'js-joda',
    'LocalDateTime',
    'response',
    () => LocalDateTime.parse(ISO.slice(0, -1)),
    (at: LocalDateTime) => at.year(),
  ),
  dateOf(
    'js-joda',
    'ZonedDateTime',
    'response',
    () => ZonedDateTime.parse(ISO),
    (at: ZonedDateTime) => at.year(),
  ),
  dateOf(
    'Temporal',
    'ZonedDateTime',
    'response',
    () => Temporal.Instant.from(ISO).toZonedDateTimeISO('UTC'),
    (at: Temporal.ZonedDateTime) => at.year,
  ),
  dateOf(
    'Temporal',
    'PlainDate',
    'response',
    () => Temporal.PlainDate.from('2026-01-02'),
    (at: Temporal.PlainDate) => at.year,
  ),
]);
