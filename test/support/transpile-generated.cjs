// What Prisma generates loads WebAssembly by import(), which Jest does not have: here it becomes require().
const { transpileModule, ModuleKind, ScriptTarget } = require('typescript');

module.exports = {
  process: (text) => ({
    code: transpileModule(text, {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
    }).outputText,
  }),
};
