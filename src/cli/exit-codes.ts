/** The exit codes of the process. */
export const EXIT = Object.freeze({
  ok: 0,
  /** The command was refused, its record is not there, or `doctor` found problems. */
  refused: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Redis or the database did not answer, or answered with an error. */
  unreachable: 3,
});
