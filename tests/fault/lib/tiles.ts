/* The public log read through its tiles, and roots computed from nothing but leaf hashes. */
import { strict as assert } from 'node:assert'
import { sha256, signatureHolds, VerifierKey } from '../../integration/lib/wire'

const node = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([1]), left, right)

/** Roots of the trees over the first `size` leaves, for each asked size, in one pass. */
export function rootsAt(leaves: readonly Buffer[], sizes: readonly number[]): Map<number, Buffer> {
  const asked = new Set(sizes)
  const roots = new Map<number, Buffer>()
  const frontier: { hash: Buffer; leaves: number }[] = []
  for (let n = 1; n <= leaves.length; n++) {
    let top = { hash: leaves[n - 1]!, leaves: 1 }
    while (frontier.at(-1)?.leaves === top.leaves) {
      const left = frontier.pop()!
      top = { hash: node(left.hash, top.hash), leaves: top.leaves * 2 }
    }
    frontier.push(top)
    if (asked.has(n)) roots.set(n, frontier.slice(0, -1).reduceRight((right, f) => node(f.hash, right), top.hash))
  }
  return roots
}

async function bytesOf(url: string): Promise<Buffer> {
  const r = await fetch(url)
  if (r.status !== 200) throw new Error(`${url}: ${r.status}`)
  return Buffer.from(await r.arrayBuffer())
}

export interface Checkpoint {
  origin: string
  size: number
  root: Buffer
}

export async function checkpointRead(url: string, county: string, key: VerifierKey): Promise<Checkpoint> {
  const text = (await bytesOf(`${url}/v1/log/${county}/checkpoint`)).toString('utf8')
  const found = /^(([^\n]+)\n(\d+)\n([A-Za-z0-9+/=]+)\n)\n\u2014 (\S+) (\S+)\n$/.exec(text)
  assert.ok(found, text)
  const signature = Buffer.from(found[6]!, 'base64')
  assert.equal(found[5], key.name)
  assert.ok(signatureHolds(key, found[1]!, signature.subarray(4)), 'the checkpoint is not signed')
  return { origin: found[2]!, size: Number(found[3]), root: Buffer.from(found[4]!, 'base64') }
}

const tileName = (n: number): string => {
  const groups = [String(n % 1000).padStart(3, '0')]
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) groups.unshift('x' + String(rest % 1000).padStart(3, '0'))
  return groups.join('/')
}

/** All leaf hashes below the signed checkpoint, with its root. */
export async function leavesRead(url: string, county: string, key: VerifierKey): Promise<{ leaves: Buffer[]; root: Buffer }> {
  const checkpoint = await checkpointRead(url, county, key)
  const leaves: Buffer[] = []
  for (let tile = 0; tile * 256 < checkpoint.size; tile++) {
    const width = Math.min(256, checkpoint.size - tile * 256)
    const bytes = await bytesOf(`${url}/v1/log/${county}/tile/0/${tileName(tile)}${width < 256 ? `.p/${width}` : ''}`)
    assert.equal(bytes.length, width * 32)
    for (let i = 0; i < width; i++) leaves.push(bytes.subarray(i * 32, i * 32 + 32))
  }
  return { leaves, root: checkpoint.root }
}
