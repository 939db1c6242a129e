import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const run = promisify(execFile);

/** A project of a user, with the packed package. */
export interface FreshProject {
  write(files: Readonly<Record<string, string>>): void;
  /** The path of one of its files. */
  path(name: string): string;
  /** Runs an installed program, or `node`, `env`, `npm`, `tar`. Resolves with what it printed; rejects, with that, if it failed. */
  exec(program: string, ...args: readonly string[]): Promise<string>;
  remove(): void;
}

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What npm tells the programs that it runs about this repository is not meant for a project. */
const ENV = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix)/.test(name),
  ),
);

async function execIn(cwd: string, command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(command, args, { cwd, env: { ...ENV, NODE_ENV: '' } });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packs the package as it was built last. Gives the file, in a folder that the system clears. */
export async function packPackage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  return join(folder, (await execIn(ROOT, 'npm', args)).trim());
}

/**
 * Installs the packed package, with the named packages in the versions that are developed against,
 * as a user would: with npm, in an empty folder.
 *
 * @param packages - names, or a name and another version, as in `@nestjs/core@12.5.1`
 * @param tarball - from {@link packPackage}, to be shared by several projects
 */
export async function createFreshProject(
  packages: readonly string[],
  tarball?: string,
): Promise<FreshProject> {
  const project = emptyProject();
  const { devDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Manifest;
  await project.exec(
    'npm',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--save-exact',
    tarball ?? (await packPackage()),
    ...packages.map((name) =>
      name.includes('@', 1) ? name : `${name}@${String(devDependencies[name])}`,
    ),
  );
  return project;
}

/**
 * Unpacks the package into an empty folder, beside this repository's copies of the named packages: what
 * npm would install, in less time.
 *
 * @param tarball - from {@link packPackage}
 */
export async function createLinkedProject(
  packages: readonly string[],
  tarball: string,
): Promise<FreshProject> {
  const project = emptyProject();
  // The programs of packages are below .bin.
  for (const name of ['.bin', ...packages]) {
    const link = project.path(`node_modules/${name}`);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link, 'junction');
  }
  const installed = project.path('node_modules/graphql-idempotency');
  mkdirSync(installed);
  await project.exec('tar', '-xzf', tarball, '-C', installed, '--strip-components=1');
  return project;
}

function emptyProject(): FreshProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fresh-project-')));
  const exec = (command: string, args: readonly string[]): Promise<string> =>
    execIn(folder, command, args);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  return {
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    },
    path: (name) => join(folder, name),
    exec(program, ...args) {
      if (program === 'node') return exec(process.execPath, args);
      if (['env', 'npm', 'tar'].includes(program)) return exec(program, args);
      return exec(join(folder, 'node_modules/.bin', program), args);
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
