// Who is missing: each division needs one of the four responsible persons, each village its lecturers.
import type { DutyDivision } from '@shared/api/office'

export const PERSONS = ['first', 'deputy', 'handler', 'liaison'] as const
export const DUTIES = [...PERSONS, 'lecturer'] as const
export type Duty = (typeof DUTIES)[number]

export interface Missing {
  code: string
  name: string
  duties: Exclude<Duty, 'lecturer'>[]
  /** Lecturers that are still needed, and those there that were not trained yet. */
  lecturers: number
  untrained: number
}

export function missingOf(divisions: readonly DutyDivision[]): Missing[] {
  return divisions
    .map((d) => ({
      code: d.code,
      name: d.name,
      duties: PERSONS.filter((p) => d[p] === 0),
      lecturers: Math.max(0, d.needed - d.lecturer),
      untrained: d.lecturer - d.trained,
    }))
    .filter((m) => m.duties.length > 0 || m.lecturers > 0 || m.untrained > 0)
}

/** Is the day over, in China? A day itself still counts. */
export const isOver = (due: string | undefined, today: string): boolean => due !== undefined && due < today
