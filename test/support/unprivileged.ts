import { spawnSync } from 'node:child_process';

/** Somebody who is not root: database servers refuse to run as root. */
export interface Unprivileged {
  readonly uid?: number;
  readonly gid?: number;
}

/** As whom a database server is started: as ourselves, unless we are root. */
export function unprivileged(preferred: string): Unprivileged {
  if (process.getuid?.() !== 0) return {};
  for (const name of [preferred, 'nobody']) {
    const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    if (status !== 0) continue;
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout;
    return { uid: Number(stdout), gid: Number(gid) };
  }
  throw new Error('Database servers do not run as root, and there is no user to run them as.');
}
