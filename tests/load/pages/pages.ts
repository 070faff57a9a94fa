/* pages.ts - the browser's speed, measured: `node pages.js PORT FOLDER [office|phone]…`, for
 * bench_pages.sh, which makes both.
 *
 * Happy path: each part prints its figures, one a line, with their aims.  A figure that misses its aim
 * is no failure; a page that does not come, or says something else than it should, is.
 */
import { office } from './office'
import { phone } from './phone'
import { Bench } from './site'

const parts = { office, phone }

async function main(): Promise<void> {
  const [port, dir, ...only] = process.argv.slice(2)
  if (port === undefined || dir === undefined) throw new Error('usage: pages.js PORT FOLDER [office|phone]…')
  const bench = await Bench.open(Number(port), dir)
  try {
    for (const [name, part] of Object.entries(parts)) if (only.length === 0 || only.includes(name)) await part(bench)
  } finally {
    await bench.close()
  }
}

main().catch((e: unknown) => {
  console.error(e)
  process.exitCode = 1
})
