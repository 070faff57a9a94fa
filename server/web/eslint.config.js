// @ts-check
// One set of rules for the pages, the client SDK and the tests in a browser.  Run from the project's
// root: server/web/node_modules/.bin/eslint -c server/web/eslint.config.js FOLDER…
//
// That the phone imports nothing of the office, and that only shared/api knows URLs, is held by
// tests/layers.
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['**/node_modules/', '**/schema.d.ts', 'build*/'] },
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'prefer-const': 'error',
      // The way to leave a member out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // An assertion says what the index above has made sure of; the compiler asks for it everywhere.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Types see to undefined names; eslint knows no browser.
      'no-undef': 'off',
      // Markup of a user's text would be a hole.
      'vue/no-v-html': 'error',
      // A style in the markup of a page is put off by older browsers under our policy.
      'vue/no-static-inline-styles': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-name-in-template-casing': ['error', 'PascalCase', { registeredComponentsOnly: false }],
      // How lines are broken is a matter of taste.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always' } }],
    },
  },
  { files: ['**/App.vue'], rules: { 'vue/multi-word-component-names': 'off' } },
  { files: ['**/build/*.js', '**/e2e/**'], rules: { 'no-console': 'off' } },
)
