// The words that a household was told or signed, as the office keeps them under their hash.
//
// Happy path: textsRead holds the bytes against the hash → textOf finds the version of the receipt;
// contactOf says where to complain: from the notice of the receipt, else from the one in force.
// Failure modes: other bytes than the hash says throw; a version that the office does not keep any more
// is null, never another version.
import { complaintLines } from '@shared/complaints'
import { hex, sha256 } from '@qiaomen/sdk'

export interface SignedText {
  text: string
  kind: string
  title: string
  body: string
}

const isText = (x: unknown): x is SignedText =>
  typeof x === 'object' && x !== null && ['text', 'kind', 'title', 'body'].every((key) => typeof (x as Record<string, unknown>)[key] === 'string')

/** @throws Error if these are not the bytes of the hash, or no texts. */
export function textsRead(bytes: Uint8Array, hash: string): SignedText[] {
  if (hex(sha256(bytes)) !== hash) throw new Error('other texts')
  const found: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (!Array.isArray(found)) throw new Error('no texts')
  return found.filter(isText)
}

export const textOf = (texts: readonly SignedText[], kind: string, version: string): SignedText | null =>
  texts.find((t) => t.kind === kind && t.text === version) ?? null

/** The lines that name whom to ask and where to complain. */
export function contactOf(texts: readonly SignedText[], signed: SignedText | null): string[] {
  const own = signed === null ? [] : complaintLines(signed.body)
  return own.length > 0 ? own : complaintLines(texts.filter((t) => t.kind === 'notice').at(-1)?.body ?? '')
}
