import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const EXAMPLES = join(__dirname, '../../docs/examples');
/** Inside the package, so that a program finds the library as a user's would. */
const COMPILED = join(__dirname, '../../dist/examples');

/**
 * Compiles an example and what lies beside it.
 *
 * @param name - as in `'readme/server'`, in docs/examples
 * @returns the program, to be run by Node
 */
export function compileExample(name: string): string {
  const folder = dirname(name);
  mkdirSync(join(COMPILED, folder), { recursive: true });
  for (const file of readdirSync(join(EXAMPLES, folder))) {
    if (!file.endsWith('.ts')) continue;
    const { outputText } = transpileModule(readFileSync(join(EXAMPLES, folder, file), 'utf8'), {
      compilerOptions: {
        module: ModuleKind.CommonJS,
        target: ScriptTarget.ES2022,
        esModuleInterop: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      },
    });
    writeFileSync(join(COMPILED, folder, file.replace(/\.ts$/, '.js')), outputText);
  }
  return join(COMPILED, `${name}.js`);
}
