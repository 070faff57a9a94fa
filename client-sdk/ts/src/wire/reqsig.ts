/* reqsig.ts - floor 0: signed requests, RFC 9421 with RFC 9530, one fixed profile (section 9).
 *
 *     Signature-Input: sig=("@method" "@authority" "@path" "@query");created=<10 digits>;
 *                      keyid="<device>+<8 hex>";tag="qm1"
 *     with a body also "content-type" "content-digest", in that order, and
 *     Content-Digest: sha-256=:<base64>:
 * @query is "?" when there is none.  The authority is the configured host, never the Host header.
 * Failure modes: another spelling (`malformed`), another key, a clock too far off, a signature that
 * does not hold, a body that is not the one of the digest.
 */
import { base64, base64Read, equal, utf8, utf8Length } from './bytes.js'
import { deviceNameRead, intRead, NAME_MAX_BYTES } from './codec.js'
import { SIGNATURE_BYTES, verify } from './ed25519.js'
import { QmError } from './err.js'
import { hashRead, type Sign, type VerifierKey } from './note.js'
import { sha256 } from './sha256.js'

const COVERED = '("@method" "@authority" "@path" "@query")'
const COVERED_BODY = '("@method" "@authority" "@path" "@query" "content-type" "content-digest")'
const HEADER_MAX_BYTES = 640
const BASE_MAX_BYTES = 20480
const SKEW_MAX_S = 300
const CREATED_MIN_S = 1000000000
const CREATED_MAX_S = 9999999999

export interface SignedRequest {
  method: string
  authority: string
  /** As on the wire. */
  path: string
  /** Without the question mark; '' for none. */
  query: string
  body?: { type: string; bytes: Uint8Array } | undefined
}
export interface SignatureHeaders {
  input: string
  signature: string
  /** With a body only. */
  digest?: string | undefined
}

/** A line break in a component would let one request pass for another. */
function visible(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new QmError('malformed', 'component of a request')
  return text
}

function baseOf(r: SignedRequest, digest: string, params: string): Uint8Array {
  const lines = [
    `"@method": ${visible(r.method)}`,
    `"@authority": ${visible(r.authority)}`,
    `"@path": ${visible(r.path)}`,
    `"@query": ?${visible(r.query)}`,
  ]
  if (r.body) lines.push(`"content-type": ${visible(r.body.type)}`, `"content-digest": ${digest}`)
  lines.push(`"@signature-params": ${params}`)
  const base = utf8(lines.join('\n'))
  if (base.length > BASE_MAX_BYTES) throw new QmError('too-large', 'request')
  return base
}

export const digestWrite = (body: Uint8Array): string => `sha-256=:${base64(sha256(body))}:`

export async function reqsigSign(
  r: SignedRequest,
  key: VerifierKey,
  sign: Sign,
  createdS: number,
): Promise<SignatureHeaders> {
  if (!Number.isInteger(createdS) || createdS < CREATED_MIN_S || createdS > CREATED_MAX_S)
    throw new QmError('invalid', 'time of a request')
  const digest = r.body && digestWrite(r.body.bytes)
  const covered = r.body ? COVERED_BODY : COVERED
  const params = `${covered};created=${createdS};keyid="${key.name}+${key.id}";tag="qm1"`
  if (utf8Length(params) >= HEADER_MAX_BYTES - 4) throw new QmError('too-large', 'key name')
  const signature = await sign(baseOf(r, digest ?? '', params))
  return { input: `sig=${params}`, signature: `sig=:${base64(signature)}:`, digest }
}

export interface SignatureInput {
  deviceName: string
  keyId: string
  createdS: number
  withBody: boolean
}

const INPUT = /^sig=(\([^)]*\));created=([0-9]{10});keyid="([^"]*)\+([0-9a-f]{8})";tag="qm1"$/

/** Reads Signature-Input: exactly the profile. */
export function reqsigInputRead(input: string, host: string): SignatureInput {
  const found = INPUT.exec(input)
  if (!found || utf8Length(input) >= HEADER_MAX_BYTES || (found[1] !== COVERED && found[1] !== COVERED_BODY))
    throw new QmError('malformed', 'Signature-Input')
  const deviceName = found[3]!
  const createdS = intRead(found[2]!, CREATED_MAX_S)
  if (utf8Length(deviceName) >= NAME_MAX_BYTES) throw new QmError('malformed', 'keyid')
  deviceNameRead(deviceName, host)
  return { deviceName, keyId: found[4]!, createdS, withBody: found[1] === COVERED_BODY }
}

function signatureRead(text: string): Uint8Array {
  const found = /^sig=:([A-Za-z0-9+/]{86}==):$/.exec(text)
  const signature = base64Read(found?.[1] ?? '')
  if (signature.length !== SIGNATURE_BYTES) throw new QmError('malformed', 'Signature')
  return signature
}

function digestRead(text: string | undefined): Uint8Array {
  const found = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(text ?? '')
  return hashRead(found?.[1] ?? '')
}

/** Throws unless the request was signed by this key within 300 s of now. */
export function reqsigVerify(r: SignedRequest, headers: SignatureHeaders, key: VerifierKey, nowS: number): void {
  const input = reqsigInputRead(headers.input, r.authority)
  if (input.keyId !== key.id || input.deviceName !== key.name) throw new QmError('unknown-key')
  if (input.withBody !== (r.body !== undefined)) throw new QmError('malformed', 'body')
  const signature = signatureRead(headers.signature)
  const sent = r.body && digestRead(headers.digest)
  if (Math.abs(nowS - input.createdS) > SKEW_MAX_S) throw new QmError('stale-signature')
  const base = baseOf(r, headers.digest ?? '', headers.input.slice('sig='.length))
  if (!verify(key.key, base, signature)) throw new QmError('bad-signature')
  if (r.body && sent && !equal(sent, sha256(r.body.bytes))) throw new QmError('digest-mismatch')
}
