// Ages as the contract counts them, and who may sign.

/** Full years on a day, both yyyy-mm-dd; a birthday counts from that day (29 February from 1 March in
 * years without one).  null: not known. */
export function age(born: string, today: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(born)) return null
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4))
  return today.slice(5) >= born.slice(5) ? years : years - 1
}

/** May sign: an adult who lives here, or whose birthday is not known. */
export function maySign(m: { born: string; status: string }, today: string): boolean {
  const years = age(m.born, today)
  return m.status !== 'dead' && m.status !== 'gone' && (years === null || years >= 18)
}
