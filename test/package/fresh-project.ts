import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const run = promisify(execFile);

/** A project of a user, with nothing of this repository but the packed package. */
export interface FreshProject {
  write(files: Readonly<Record<string, string>>): void;
  /** Runs an installed program. Resolves with what it printed; rejects, with that, if it failed. */
  exec(program: string, ...args: readonly string[]): Promise<string>;
  remove(): void;
}

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/**
 * Packs the package and installs it, with the named packages in the versions that are developed
 * against, as a user would: with npm, in an empty folder.
 */
export async function createFreshProject(packages: readonly string[]): Promise<FreshProject> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fresh-project-')));
  const { version, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Manifest;

  // What npm tells the programs that it runs about this repository is not meant for the project.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix)/.test(name),
    ),
  );
  async function exec(command: string, args: readonly string[], cwd = folder): Promise<string> {
    try {
      const { stdout } = await run(command, args, { cwd, env: { ...env, NODE_ENV: '' } });
      return stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }
  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  await exec('npm', ['pack', '--silent', '--pack-destination', folder], ROOT);
  write({ 'package.json': '{ "private": true }' });
  await exec('npm', [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--save-exact',
    `./graphql-idempotency-${version}.tgz`,
    ...packages.map((name) => `${name}@${String(devDependencies[name])}`),
  ]);
  return {
    write,
    exec: (program, ...args) =>
      program === 'node'
        ? exec(process.execPath, args)
        : exec(join(folder, 'node_modules/.bin', program), args),
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
