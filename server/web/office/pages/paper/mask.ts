/** As the lists of the office show a name: the first character, and one or two asterisks. */
export function nameMasked(name: string): string {
  const [first = '', ...rest] = [...name]
  return first + '*'.repeat(Math.min(rest.length, 2))
}
