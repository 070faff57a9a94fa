// @ts-check
// Types of the API from its description: shared/api/schema.d.ts, made anew by every build and check.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const source = new URL('../../edge/openapi.json', import.meta.url)
const target = new URL('../shared/api/schema.d.ts', import.meta.url)

export async function schemaWrite() {
  const text = astToString(await openapiTS(JSON.parse(await readFile(source, 'utf8')), { silent: true }))
  // Written only if it changed, so that nothing is compiled anew for nothing.
  const before = await readFile(target, 'utf8').catch(() => '')
  if (before !== text) await writeFile(target, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await schemaWrite()
