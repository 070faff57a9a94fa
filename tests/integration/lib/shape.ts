/* Does a value fit a schema of the API's own description?  Only what that description uses. */
export type Schema = Record<string, unknown>

export class Description {
  constructor(readonly document: Record<string, unknown>) {}

  private at(ref: string): Schema {
    let node: unknown = this.document
    for (const part of ref.slice(2).split('/')) node = (node as Record<string, unknown>)[part]
    if (!node) throw new Error(`${ref} leads nowhere`)
    return node as Schema
  }

  schema(name: string): Schema {
    return this.at(`#/components/schemas/${name}`)
  }

  /** What does not fit, each with its path; empty if all fits. */
  faults(value: unknown, schema: Schema, path = '$'): string[] {
    if (typeof schema['$ref'] === 'string') return this.faults(value, this.at(schema['$ref']), path)
    for (const [key, needed] of [['anyOf', 1], ['oneOf', 1]] as const) {
      const all = schema[key] as Schema[] | undefined
      if (!all) continue
      const fitting = all.filter((s) => this.faults(value, s, path).length === 0).length
      if (fitting < needed || (key === 'oneOf' && fitting > 1)) return [`${path}: fits ${fitting} of ${key}`]
    }
    const faults: string[] = []
    if ('const' in schema && schema['const'] !== value) faults.push(`${path}: is not ${JSON.stringify(schema['const'])}`)
    const words = schema['enum'] as unknown[] | undefined
    if (words && !words.includes(value)) faults.push(`${path}: ${JSON.stringify(value)} is not listed`)
    const types = schema['type'] === undefined ? [] : [schema['type']].flat()
    if (types.length > 0 && !types.includes(typeOf(value))) return [...faults, `${path}: is ${typeOf(value)}`]
    if (typeof value === 'string') faults.push(...this.textFaults(value, schema, path))
    if (typeof value === 'number') faults.push(...this.numberFaults(value, schema, path))
    if (Array.isArray(value)) value.forEach((v, i) => faults.push(...this.faults(v, (schema['items'] ?? {}) as Schema, `${path}[${i}]`)))
    else if (typeOf(value) === 'object') faults.push(...this.objectFaults(value as Record<string, unknown>, schema, path))
    return faults
  }

  private textFaults(value: string, schema: Schema, path: string): string[] {
    const pattern = schema['pattern'] as string | undefined
    const day = schema['format'] === 'date' ? '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' : undefined
    return [pattern, day].filter((p) => p && !new RegExp(p).test(value)).map((p) => `${path}: ${value} is not ${p}`)
  }

  private numberFaults(value: number, schema: Schema, path: string): string[] {
    const low = (schema['minimum'] ?? -Infinity) as number
    const high = (schema['maximum'] ?? Infinity) as number
    return value < low || value > high ? [`${path}: ${value} is out of range`] : []
  }

  private objectFaults(value: Record<string, unknown>, schema: Schema, path: string): string[] {
    const known = (schema['properties'] ?? {}) as Record<string, Schema>
    const more = schema['additionalProperties']
    const names = schema['propertyNames'] as Schema | undefined
    const faults = ((schema['required'] ?? []) as string[]).filter((n) => !(n in value)).map((n) => `${path}.${n}: is missing`)
    for (const [name, member] of Object.entries(value)) {
      if (names) faults.push(...this.faults(name, names, `${path}.${name}`))
      if (known[name]) faults.push(...this.faults(member, known[name], `${path}.${name}`))
      else if (more === false) faults.push(`${path}.${name}: is not described`)
      else if (typeof more === 'object') faults.push(...this.faults(member, more as Schema, `${path}.${name}`))
    }
    return faults
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
