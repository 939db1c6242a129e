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

const ROOT = resolve(__dirname, '../..');
const MODULES = join(ROOT, 'node_modules');
const PACKAGES = ['@graphql-codegen', '@graphql-typed-document-node', 'graphql'];

/** What a program answered. */
export interface Run {
  readonly code: number;
  /** Standard output and standard error. */
  readonly output: string;
}

/** A project elsewhere that has the package, the code generator and nothing else installed. */
export interface Project {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  read(file: string): string;
  /** Runs the code generator's own program. */
  codegen(...args: readonly string[]): Promise<Run>;
  /** Checks the types of these files as strictly as can be. */
  tsc(...files: readonly string[]): Promise<Run>;
  remove(): void;
}

/** Makes a project in the folder of temporary files. */
export function createProject(files: Readonly<Record<string, string>>): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codegen-test-')));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'graphql-idempotency'));
  for (const name of PACKAGES) symlinkSync(join(MODULES, name), join(modules, name));

  function write(more: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }
  function run(program: string, args: readonly string[]): Promise<Run> {
    // Told that it is tested, the code generator would print nothing.
    const env = { ...process.env, NODE_ENV: '' };
    return new Promise((done) => {
      const argv = [join(MODULES, program), ...args];
      execFile(process.execPath, argv, { cwd: folder, env }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  }

  write(files);
  return {
    folder,
    write,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    codegen: (...args) => run('@graphql-codegen/cli/esm/bin.js', args),
    tsc: (...names) =>
      run('typescript/bin/tsc', [
        // Apollo Client's own types do not pass.
        ...[
          '--noEmit',
          '--skipLibCheck',
          '--strict',
          '--exactOptionalPropertyTypes',
          '--noUncheckedIndexedAccess',
        ],
        ...['--module', 'node16', '--moduleResolution', 'node16', '--target', 'es2022'],
        ...names,
      ]),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
