// @ts-check
// An app as one classic script and one style sheet, for the phone, which starts from what its service
// worker keeps.  Chromium compiles a classic script whole when the worker stores it and keeps the code
// beside it; of modules it keeps none, so that each start reads and compiles them anew, which was a
// third of its time, and each further file costs a way through the worker.
// What is imported when needed is run when needed, as before.  Threads are files of their own.

/** Options of Vite's `build`. @satisfies {import('vite').BuildOptions} */
export const oneFile = {
  cssCodeSplit: false,
  rolldownOptions: { output: { format: /** @type {const} */ ('iife'), codeSplitting: false } },
}

const PRELOAD = '\0vite/preload-helper.js'

/** @returns {import('vite').Plugin} */
export function oneScript() {
  return {
    name: 'one-script',
    enforce: 'pre',
    // There is nothing that could be loaded ahead, and the helper asks for the address of its module.
    load: (id) => (id === PRELOAD ? 'export const __vitePreload = (load) => load()' : null),
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const classic = html.replace('<script type="module" crossorigin ', '<script defer ')
        if (classic === html) throw new Error('index.html has no script of a module')
        return classic
      },
    },
  }
}
