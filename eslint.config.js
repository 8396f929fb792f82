import boundaries from 'eslint-plugin-boundaries';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

// Who may import whom (ARCHITECTURE.md, "Boundaries"): a folder, then the folders it may import besides itself.
const mayImport = {
  core: [],
  contract: ['core'],
  files: ['contract'],
  native: ['core', 'contract'],
  db: ['core', 'contract', 'files', 'native'],
  engine: ['core', 'native', 'contract', 'files'],
  services: ['core', 'contract', 'files', 'db'],
  ipc: ['services', 'contract'],
  // Electron's window, scheme and utility processes.
  window: ['services', 'contract'],
  cli: ['services', 'contract', 'core', 'db'],
  renderer: ['contract', 'core'],
};
const mainFolders = ['core', 'contract', 'files', 'db', 'engine', 'services', 'ipc', 'window', 'cli'];
const elements = [
  ...mainFolders.map((type) => ({ type, pattern: `main/${type}` })),
  { type: 'native', pattern: 'native' },
  { type: 'renderer', pattern: 'renderer' },
];

// Packages that only one place may load.
const onlyIn = {
  'onnxruntime-node': 'native',
  'better-sqlite3': 'native',
  '@cornerstonejs/core': 'renderer',
  '@cornerstonejs/tools': 'renderer',
};

const only = (folder) =>
  Object.entries(onlyIn)
    .filter(([, home]) => home !== folder)
    .map(([name, home]) => ({ name, message: `Only ${home}/ loads ${name}.`, allowTypeImports: true }));

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['renderer/**/*.svelte', 'renderer/**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    files: ['**/*.ts', 'renderer/**/*.svelte'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': elements,
      'import/resolver': { node: { extensions: ['.ts', '.js'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(mayImport).map(([from, allow]) => ({
            from: { element: { type: from } },
            allow: [from, ...allow].map((type) => ({ to: { element: { type } } })),
          })),
        },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-imports': 'off',
    },
  },
  ...[...mainFolders.map((f) => [f, `main/${f}/**`]), ['renderer', 'renderer/**'], ['main', 'main/*.ts']].map(
    ([folder, files]) => ({
      files: [files],
      rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: only(folder) }] },
    }),
  ),
  {
    // Core is pure: no Node, no Electron, no package that does I/O.
    files: ['main/core/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: only('core'),
          patterns: [
            {
              regex: '^(?!\\.{1,2}/|zod$|dicom-parser$|dicom-character-set$|fflate$|pngjs)',
              message: 'core imports itself and pure packages only.',
            },
          ],
        },
      ],
    },
  },
);
