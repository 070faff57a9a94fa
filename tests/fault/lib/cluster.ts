/* Rough handling of a site's PostgreSQL: killed with all its processes, copied, put back. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../integration/lib/command'
import { Postgres } from '../../integration/lib/postgres'
import { until } from '../../integration/lib/until'

/** Where the data lies: the folder itself, or the one that its file `place` names. */
export function placeOf(pg: Postgres): string {
  const place = join(pg.dir, 'place')
  return existsSync(place) ? readFileSync(place, 'utf8').trim() : pg.dir
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0 // it ended in between
  }
}

function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** SIGKILL for the postmaster and everything that it started; returns when they are gone. */
export async function killCluster(pg: Postgres): Promise<void> {
  const postmaster = Number(readFileSync(join(placeOf(pg), 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
  const family = [postmaster, ...readdirSync('/proc').map(Number).filter((pid) => pid > 0 && parentOf(pid) === postmaster)]
  for (const pid of family) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'ESRCH') throw e
    }
  }
  await until('the killed processes are gone', () => !family.some(runs))
}

/** A copy of the stopped cluster's files; it runs again afterwards. */
export async function backup(pg: Postgres, to: string): Promise<void> {
  await pg.stop()
  await must('rm', ['-rf', to])
  await must('cp', ['-a', join(placeOf(pg), 'data'), to])
  await pg.restart()
}

/** Puts such a copy in the place of the data, and starts it. */
export async function restore(pg: Postgres, from: string): Promise<void> {
  const data = join(placeOf(pg), 'data')
  await pg.stop()
  await must('rm', ['-rf', data])
  await must('cp', ['-a', from, data])
  await pg.restart()
}
