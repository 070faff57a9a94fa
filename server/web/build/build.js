// @ts-check
// Builds every app: node build/build.js FOLDER [APP…]
//
// Happy path: types of the API, each app into FOLDER/<base>, service workers with the list of what
// they keep, icons, compressed forms, and last of all pages.list.  FOLDER is emptied first:
// as long as pages.list is not there, no server starts with half a build.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { build } from 'vite'
import { alias, apps } from './apps.js'
import { componentStyles, ownFilesOnly } from './component_styles.js'
import { icon } from './icon.js'
import { oneFile, oneScript } from './one_script.js'
import { filesBelow, pagesListWrite } from './pages_list.js'
import { schemaWrite } from './schema.js'

/** Browsers of old phones: WeChat's kernels and system browsers of about 2021. */
const target = ['chrome87', 'edge88', 'firefox78', 'safari14']

/** @param {string} outDir @returns {import('vite').InlineConfig} */
function common(outDir) {
  return {
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias, dedupe: ['vue', 'vue-i18n', 'pinia'] },
    define: {
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      __VUE_I18N_FULL_INSTALL__: 'false',
      __VUE_I18N_LEGACY_API__: 'false',
      __INTLIFY_PROD_DEVTOOLS__: 'false',
    },
    build: {
      outDir,
      target,
      emptyOutDir: false,
      reportCompressedSize: false,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
    },
  }
}

/** @param {import('./apps.js').App} app @param {string} outDir */
async function appBuild(app, outDir) {
  const config = common(outDir)
  // The phone starts from what it keeps, and only one classic script is kept compiled (one_script.js).
  const one = app.name === 'phone'
  // What an app starts with is one file: each further one may cost a connection and its round trips.
  /** @type {import('vite').BuildOptions} */
  const start = { rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } } } }
  await build({
    ...config,
    root: app.folder,
    base: app.base,
    plugins: [ownFilesOnly(), vue(), componentStyles(), ...(one ? [oneScript()] : [])],
    build: { ...config.build, ...(one ? oneFile : start) },
  })
}

/** What a service worker keeps: the phone everything, to start without a network, the office what it starts
 * with. @param {string} outDir @param {import('./apps.js').App} app */
async function keptFiles(outDir, { name: app, base }) {
  const page = await readFile(join(outDir, 'index.html'), 'utf8')
  const first = (/** @type {string} */ name) => name === 'index.html' || page.includes(`"${base}${name}"`)
  const files = (await filesBelow(outDir)).filter((name) => name !== 'sw.js' && (app === 'phone' || first(name)))
  return Promise.all(
    files.map(async (name) => {
      const named = name.startsWith('assets/')
      const hash = createHash('sha256').update(await readFile(join(outDir, name)))
      return { url: base + name, revision: named ? null : hash.digest('hex').slice(0, 16) }
    }),
  )
}

/** One file with a name that stays: browsers look there for a newer one. @param {string} outDir
 * @param {import('./apps.js').App} app */
async function workerBuild(app, outDir) {
  const config = common(outDir)
  await build({
    ...config,
    root: app.folder,
    define: { QM_KEPT_FILES: JSON.stringify(await keptFiles(outDir, app)) },
    build: {
      ...config.build,
      rolldownOptions: {
        input: join(app.folder, 'worker/sw.ts'),
        output: { format: 'iife', entryFileNames: 'sw.js' },
      },
    },
  })
}

/** @param {string} out */
async function rootFilesWrite(out) {
  await writeFile(join(out, 'favicon.ico'), icon(48))
  await writeFile(join(out, 'robots.txt'), 'User-agent: *\nDisallow: /\n')
}

/** @param {string} outDir */
async function phoneFilesWrite(outDir) {
  for (const size of [180, 192, 512]) await writeFile(join(outDir, `icon-${size}.png`), icon(size))
  await writeFile(
    join(outDir, 'app.webmanifest'),
    await readFile(new URL('../phone/app.webmanifest', import.meta.url)),
  )
}

const [folder, ...only] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: node build/build.js FOLDER [APP…]')
  process.exit(2)
}
const out = resolve(folder)
const chosen = only.length === 0 ? apps : apps.filter((a) => only.includes(a.name))
await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
await schemaWrite()
for (const app of chosen) {
  const outDir = join(out, app.base)
  await appBuild(app, outDir)
  if (app.name === 'phone') await phoneFilesWrite(outDir)
  if (app.name !== 'receipt') await workerBuild(app, outDir)
}
await rootFilesWrite(out)
await pagesListWrite(out, chosen)
