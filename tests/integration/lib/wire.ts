/* The contract's bytes, written a second time and from the contract alone, so that the tests do not
 * check the C code with itself: Merkle tree, signed notes, batches, tlog-proofs, signed requests. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify, KeyObject } from 'node:crypto'

export const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const h = createHash('sha256')
  for (const part of parts) h.update(part)
  return h.digest()
}

export const leafHash = (data: Buffer | string): Buffer => sha256(Buffer.from([0]), data)
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([1]), left, right)

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

export function merkleRoot(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha256('')
  if (leaves.length === 1) return leaves[0]!
  const k = split(leaves.length)
  return nodeHash(merkleRoot(leaves.slice(0, k)), merkleRoot(leaves.slice(k)))
}

/** RFC 9162 section 2.1.3.2. */
export function inclusionRoot(leaf: Buffer, index: number, size: number, proof: Buffer[]): Buffer | null {
  if (index >= size) return null
  let fn = index
  let sn = size - 1
  let r = leaf
  for (const p of proof) {
    if (sn === 0) return null
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r)
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2)
        sn = Math.floor(sn / 2)
      }
    } else {
      r = nodeHash(r, p)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 ? r : null
}

export function uuid(version: 4 | 7, now = Date.now()): string {
  const b = randomBytes(16)
  if (version === 7) b.writeUIntBE(now, 0, 6)
  b[6] = (b[6]! & 0x0f) | (version << 4)
  b[8] = (b[8]! & 0x3f) | 0x80
  const hex = b.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

export const pseudonym = (): string => randomBytes(16).toString('base64url')

/* ---- keys and notes ---- */

const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

export interface VerifierKey {
  name: string
  id: Buffer
  key: Buffer
}

export function keyId(name: string, key: Buffer): Buffer {
  return sha256(name, Buffer.from([0x0a, 0x01]), key).subarray(0, 4)
}

export function vkeyText(k: VerifierKey): string {
  return `${k.name}+${k.id.toString('hex')}+${Buffer.concat([Buffer.from([1]), k.key]).toString('base64')}`
}

export function vkeyRead(text: string): VerifierKey {
  const found = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim())
  if (!found) throw new Error(`no verifier key: ${text}`)
  const raw = Buffer.from(found[3]!, 'base64')
  const key = { name: found[1]!, id: Buffer.from(found[2]!, 'hex'), key: raw.subarray(1) }
  if (raw[0] !== 1 || !keyId(key.name, key.key).equals(key.id)) throw new Error('key id does not fit')
  return key
}

export class SigningKey {
  readonly key: Buffer

  constructor(private readonly secret: KeyObject = generateKeyPairSync('ed25519').privateKey) {
    const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
    this.key = spki.subarray(SPKI.length)
  }

  static ofSeed(seed: Buffer): SigningKey {
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    return new SigningKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
  }

  sign(message: Buffer | string): Buffer {
    return sign(null, Buffer.from(message), this.secret)
  }
}

export function signatureHolds(k: VerifierKey, message: string, signature: Buffer): boolean {
  const pub = createPublicKey({ key: Buffer.concat([SPKI, k.key]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(message), pub, signature)
}

export function signatureLine(name: string, id: Buffer, signature: Buffer): string {
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

export function note(text: string, name: string, key: SigningKey): string {
  return `${text}\n${signatureLine(name, keyId(name, key.key), key.sign(text))}`
}

/* ---- receipts ---- */

export interface Receipt {
  extra: Buffer
  index: number
  proof: Buffer[]
  origin: string
  size: number
  root: Buffer
}

/** Reads and checks a tlog-proof; throws with the reason if anything does not hold. */
export function receiptVerify(text: string, key: VerifierKey): Receipt {
  const cut = text.indexOf('\n\n')
  const lines = text.slice(0, cut).split('\n')
  if (cut < 0 || lines[0] !== 'c2sp.org/tlog-proof@v1') throw new Error('no tlog-proof')
  const extra = /^extra ([A-Za-z0-9+/=]+)$/.exec(lines[1] ?? '')
  const index = /^index (0|[1-9][0-9]*)$/.exec(lines[2] ?? '')
  if (!extra || !index) throw new Error('extra or index missing')
  const checkpoint = text.slice(cut + 2)
  const signed = /^(([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n)\n\u2014 (\S+) ([A-Za-z0-9+/=]+)\n$/.exec(checkpoint)
  if (!signed) throw new Error('no signed checkpoint')
  const signature = Buffer.from(signed[6]!, 'base64')
  if (signed[5] !== key.name || !signature.subarray(0, 4).equals(key.id)) throw new Error('another key')
  if (!signatureHolds(key, signed[1]!, signature.subarray(4))) throw new Error('signature does not hold')
  const receipt = {
    extra: Buffer.from(extra[1]!, 'base64'),
    index: Number(index[1]),
    proof: lines.slice(3).map((line) => Buffer.from(line, 'base64')),
    origin: signed[2]!,
    size: Number(signed[3]),
    root: Buffer.from(signed[4]!, 'base64'),
  }
  const root = inclusionRoot(leafHash(receipt.extra), receipt.index, receipt.size, receipt.proof)
  if (!root || !root.equals(receipt.root)) throw new Error('inclusion does not hold')
  return receipt
}

export interface Entry {
  type: string
  header: Record<string, string>
  verdicts: string[]
  payload: string
}

export function entryRead(bytes: Buffer): Entry {
  const text = bytes.toString('utf8')
  const cut = text.indexOf('\n\n')
  const lines = text.slice(0, cut).split('\n')
  const entry: Entry = { type: lines[0]!, header: {}, verdicts: [], payload: text.slice(cut + 2) }
  for (const line of lines.slice(1)) {
    const word = line.slice(0, line.indexOf(' '))
    if (/^[0-9]+$/.test(word)) entry.verdicts.push(line)
    else entry.header[word] = line.slice(word.length + 1)
  }
  return entry
}
