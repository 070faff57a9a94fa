// @ts-check
// The apps that are built, and the names under which shared code is imported.
import { fileURLToPath } from 'node:url'

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

export const root = here('..')

/** The longer name first: the first that fits is taken. */
export const alias = {
  '@qiaomen/sdk': here('../../../client-sdk/ts/src/index.ts'),
  '@shared': here('../shared'),
  // Without the compiler of texts: shared/i18n.ts.
  'vue-i18n': here('../node_modules/vue-i18n/dist/vue-i18n.runtime.mjs'),
}

/**
 * folder: where index.html lies; base: the path under which the server answers, also for the app's
 * own routes.
 * @typedef {{ name: string, folder: string, base: string }} App
 * @type {App[]}
 */
export const apps = [
  { name: 'office', folder: here('../office'), base: '/office/' },
  { name: 'phone', folder: here('../phone'), base: '/app/' },
  { name: 'receipt', folder: here('../public/receipt'), base: '/r/' },
]
