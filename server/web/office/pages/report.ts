// The answer to a change: done, or a reason in words.
import type { Report } from '@shared/api/office'

export class Refused extends Error {
  constructor(readonly report: Report) {
    super(report.error ?? report.list?.map((f) => `${f.where} ${f.fault}`).join('; ') ?? '')
    this.name = 'Refused'
  }
}

/** @throws Refused */
export function done(report: Report): Report {
  if (!report.ok) throw new Refused(report)
  return report
}
