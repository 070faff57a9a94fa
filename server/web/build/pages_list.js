// @ts-check
// What the server needs of a finished build: compressed forms beside the files, and `pages.list`,
// which names every file and is written last (form: server/edge/static.h).
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}
const packed = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt', '.webmanifest'])
const PATH_MAX_BYTES = 100

/** Files below a folder, as paths relative to it. @param {string} folder @returns {Promise<string[]>} */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((e) => e.isFile())
    .map((e) => relative(folder, join(e.parentPath, e.name)))
    .sort()
}

/** @param {string} file @returns {Promise<string>} the codings that were worth it */
async function pack(file) {
  const bytes = await readFile(file)
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  if (bytes.length - br.length < 64 || bytes.length - gz.length < 64) return '-'
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)])
  return 'br,gz'
}

/**
 * @param {string} out the folder of the build; each app lies in the folder of its base
 * @param {import('./apps.js').App[]} apps
 */
export async function pagesListWrite(out, apps) {
  const files = await filesBelow(out)
  const lines = await Promise.all(
    files.map(async (name) => {
      const end = extname(name)
      const type = types[end]
      if (type === undefined) throw new Error(`${name}: no media type for ${end}; see build/pages_list.js`)
      if (name.length > PATH_MAX_BYTES) throw new Error(`${name}: longer than the server takes`)
      const kept = /(^|\/)assets\//.test(name) ? 'kept' : 'fresh'
      const codings = packed.has(end) ? await pack(join(out, name)) : '-'
      return `file ${kept} ${codings} /${name} ${name} ${type}`
    }),
  )
  const text = ['qiaomen-pages 1', ...apps.map((a) => `app ${a.base} ${a.base}index.html`), ...lines].join('\n') + '\n'
  await writeFile(join(out, 'pages.list.new'), text)
  await rename(join(out, 'pages.list.new'), join(out, 'pages.list'))
}
