// The texts in force: notices, pledges, what is printed for people to read and sign.
import { readIfAny } from './client'

export interface Text {
  text: string
  kind: string
  basis: string
  title: string
  body: string
}

/** Those of a kind, in the order in which the office set them; none if no texts were set. */
export async function textsOf(kind: string): Promise<Text[]> {
  const value = (await readIfAny('/v1/settings/{kind}', { path: { kind: 'texts' } }))?.value
  if (!Array.isArray(value)) return []
  return (value as Partial<Text>[])
    .filter((t) => t.kind === kind)
    .map((t) => ({
      text: t.text ?? '',
      kind,
      basis: t.basis ?? '',
      title: t.title ?? '',
      body: t.body ?? '',
    }))
}
