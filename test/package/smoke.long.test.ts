import { execFile } from 'node:child_process';
import { isBuiltin } from 'node:module';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { preProcessFile } from 'typescript';
import { createFreshProject, packPackage, type FreshProject } from './fresh-project.js';
import { findNode, type NodeVersion } from '../support/node-versions.js';
import { useRedis } from '../support/use-redis.js';

const ROOT = join(__dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const NODE_MAJORS = [20, 22, 24, 26];
const run = promisify(execFile);

type Words = Readonly<Record<string, string>>;

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Words;
  readonly scripts: Words;
  readonly dependencies?: Words;
  readonly peerDependencies: Words;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const { exports: entries, bin = {} } = manifest;

/** Each entry and each command, with the name of the program that tries it. */
const SUBJECTS: [subject: string, program: string][] = [
  ...Object.keys(entries)
    .filter((entry) => entry !== './package.json')
    .map((entry): [string, string] => [
      entry,
      entry === '.' ? 'main' : entry.slice(2).replaceAll('/', '-'),
    ]),
  ...Object.keys(bin).map((name): [string, string] => [name, `bin-${name}`]),
];

/** The programs by what they are compiled with: a server's has no DOM. */
const SIDES = ['server', 'client'] as const;
const MODULES = ['node16', 'nodenext', 'bundler'] as const;

interface Program {
  readonly source: string;
  /** The packages that a user of the entry installs. */
  readonly needs: readonly string[];
  readonly lib: readonly string[];
}

/** A line at the top of a program's source, as in `// needs: graphql ioredis`. */
function header(source: string, name: string): string[] {
  return new RegExp(`^// ${name}: (.*)$`, 'm').exec(source)?.[1]?.split(' ') ?? [];
}

const PROGRAMS = new Map(
  SUBJECTS.map(([subject, name]): [string, Program] => {
    const file = join(__dirname, 'smoke', `${name}.ts`);
    if (!existsSync(file)) throw new Error(`${subject} has no program in test/package/smoke.`);
    const source = readFileSync(file, 'utf8');
    return [name, { source, needs: header(source, 'needs'), lib: header(source, 'lib') }];
  }),
);

/** The names that a file imports. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  return preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The built files that a value of package.json names, however deep, and all that these import. */
function reachedFiles(value: unknown): ReadonlySet<string> {
  const named = (part: unknown): string[] => {
    if (typeof part === 'string') return /^(\.\/)?dist\//.test(part) ? [join(part)] : [];
    return Object.values(part as object).flatMap(named);
  };
  const reached = new Set(named(value));
  for (const file of reached) {
    for (const name of importsOf(file)) {
      if (!name.startsWith('.')) continue;
      const target = join(dirname(file), name);
      reached.add(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  return reached;
}

/** The packages that the built files of an entry, and their types, import. */
function reachedPackages(value: unknown): Set<string> {
  const packages = new Set<string>();
  for (const file of reachedFiles(value)) {
    for (const name of importsOf(file)) {
      if (!name.startsWith('.') && !isBuiltin(name)) {
        packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
      }
    }
  }
  return packages;
}

function tsconfig(module: (typeof MODULES)[number], side: (typeof SIDES)[number]): string {
  const isBundler = module === 'bundler';
  const programs = [...PROGRAMS].filter(([, { lib }]) => lib.length > 0 === (side === 'client'));
  return JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023', ...new Set(programs.flatMap(([, { lib }]) => lib))],
      module: isBundler ? 'ESNext' : module,
      moduleResolution: isBundler ? 'Bundler' : module,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      esModuleInterop: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: false,
      skipLibCheck: false,
      types: ['node'],
      rootDir: 'src',
      outDir: 'dist',
      noEmit: module !== 'node16',
    },
    files: programs.flatMap(([name]) =>
      (isBundler ? ['module'] : ['commonjs', 'module']).map((type) => `src/${type}/${name}.ts`),
    ),
  });
}

describe('the packed package', () => {
  let tarball: string;
  const redis = useRedis();
  let nodes: NodeVersion[];

  beforeAll(async () => {
    [tarball, nodes] = await Promise.all([packPackage(), Promise.all(NODE_MAJORS.map(findNode))]);
  });

  it('is tried on Node 20, 22, 24 and 26', async () => {
    const lines = await Promise.all(
      nodes.map(async ({ major, program }) => {
        if (program === undefined) {
          return `Node ${String(major)} is not to be had for ${process.platform}-${process.arch}.`;
        }
        const { stdout } = await run(program, ['--version']);
        expect(stdout).toMatch(new RegExp(`^v${String(major)}\\.`));
        return `Node ${stdout.trim()}`;
      }),
    );
    process.stdout.write(`Programs of the package run on: ${lines.join(', ')}\n`);
    if (process.platform === 'linux' && process.arch === 'x64') {
      expect(lines.filter((line) => !line.startsWith('Node v'))).toEqual([]);
    }
  });

  it('holds what its entries reach, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzvf', tarball]);
    const sizes = new Map<string, number>();
    for (const line of stdout.trim().split('\n')) {
      const [, , size, , , name = ''] = line.split(/\s+/);
      sizes.set(name.replace(/^package\//, ''), Number(size));
    }
    const needed = new Set([
      ...['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'],
      ...['dist/cjs/package.json', 'dist/esm/package.json'],
      ...reachedFiles([entries, bin]),
    ]);
    expect([...sizes.keys()].filter((name) => !needed.has(name))).toEqual([]);
    expect([...needed].filter((name) => !sizes.has(name))).toEqual([]);

    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    process.stdout.write(
      `The package has ${String(sizes.size)} files, ${String(Math.round(total / 1024))} KB; ` +
        `${String(Math.round(statSync(tarball).size / 1024))} KB packed.\n`,
    );
  });

  it('installs nothing else by itself, and runs nothing when it is installed', () => {
    expect(manifest.dependencies).toBeUndefined();
    const scripts = Object.keys(manifest.scripts);
    expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
    const required = Object.keys(manifest.peerDependencies).filter(
      (name) => manifest.peerDependenciesMeta[name]?.optional !== true,
    );
    expect(required).toEqual(['graphql']);
  });

  describe('without its optional peers', () => {
    let project: FreshProject;

    beforeAll(async () => {
      project = await createFreshProject(['graphql', '@types/node'], tarball);
    });
    afterAll(() => {
      project.remove();
    });

    it.each([
      ['nestjs', '@nestjs/common'],
      ['opentelemetry', '@opentelemetry/api'],
      ['type-graphql', 'type-graphql'],
      ['client/apollo', '@apollo/client'],
      ['client/apollo/react', '@apollo/client'],
      ['client/react', 'react'],
      ['client/urql', '@urql/core'],
    ])('says that %s needs %s', async (entry, peer) => {
      const path = `graphql-idempotency/${entry}`;
      await expect(project.exec('node', '-e', `require('${path}')`)).rejects.toThrow(
        `Cannot find module '${peer}`,
      );
      await expect(
        project.exec('node', '--input-type=module', '-e', `import '${path}'`),
      ).rejects.toThrow(`Cannot find package '${peer}'`);
    });

    it('is typed without the package of any server', async () => {
      const entries = ['', '/mercurius', '/yoga'].map(
        (entry) => `export * as e${entry.slice(1)} from 'graphql-idempotency${entry}';\n`,
      );
      project.write({ 'server.mts': entries.join('') });
      const flags = ['--strict', '--noEmit', '--module', 'node16', '--target', 'es2023'];
      // Declarations are checked as well: nobody here sets skipLibCheck.
      expect(await project.exec('node', TSC, ...flags, '--types', 'node', 'server.mts')).toBe('');
    });

    it('says that its commands need ioredis', async () => {
      await expect(
        project.exec(
          'graphql-idempotency',
          'list',
          '--service',
          'payments',
          '--redis',
          'redis://127.0.0.1:1',
        ),
      ).rejects.toThrow('npm install ioredis');
    });
  });

  it.each(SUBJECTS)('%s imports nothing that its user has not installed', (subject, name) => {
    const needs = PROGRAMS.get(name)?.needs ?? [];
    const entry = { ...bin, ...entries }[subject];
    expect([...reachedPackages(entry)].filter((imported) => !needs.includes(imported))).toEqual([]);
  });

  describe('in a project with its peers', () => {
    let project: FreshProject;

    beforeAll(async () => {
      const needs = new Set([...PROGRAMS.values()].flatMap((program) => program.needs));
      project = await createFreshProject(['@types/node', ...needs], tarball);
      for (const type of ['commonjs', 'module']) {
        const manifestText = JSON.stringify({ type });
        project.write({
          [`src/${type}/package.json`]: manifestText,
          [`dist/${type}/package.json`]: manifestText,
        });
        for (const [name, { source }] of PROGRAMS) {
          project.write({ [`src/${type}/${name}.ts`]: source });
        }
      }
    });
    afterAll(() => {
      project.remove();
    });

    it.each(MODULES)('is typed for %s, every declaration of its own included', async (module) => {
      await Promise.all(
        SIDES.map(async (side) => {
          const config = `tsconfig.${module}.${side}.json`;
          project.write({ [config]: tsconfig(module, side) });
          const output = await project
            .exec('node', TSC, '--project', config, '--pretty', 'false')
            .catch(String);
          const problems = output.match(/^\S+\(\d+,\d+\): error .*$/gm) ?? [];
          // Nobody can make a peer's own declarations sound; their names are printed.
          const peers = new Set<string>();
          const ours = problems.filter((problem) => {
            const peer = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(problem)?.[1];
            if (peer === undefined || peer === 'graphql-idempotency') return true;
            peers.add(peer);
            return false;
          });
          expect(ours).toEqual([]);
          if (problems.length === 0) expect(output).toBe('');
          for (const peer of peers) {
            process.stdout.write(`${module}: ${peer} has errors in its own types.\n`);
          }
        }),
      );
    });

    it.each(SUBJECTS)('runs %s as CommonJS and as a module', async (_, name) => {
      for (const { program } of nodes) {
        if (program === undefined) continue;
        await Promise.all(
          ['commonjs', 'module'].map((type) =>
            project.exec('env', `REDIS_URL=${redis.url}`, program, `dist/${type}/${name}.js`),
          ),
        );
      }
    });
  });
});
