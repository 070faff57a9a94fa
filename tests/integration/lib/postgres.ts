/* A private PostgreSQL, made and run by the same shell functions as in deploy/up. */
import { join } from 'node:path'
import { must } from './command'
import { root } from './where'

export class Postgres {
  conninfo = ''

  private constructor(readonly dir: string) {}

  private shell(calls: string): Promise<string> {
    const lib = join(root, 'deploy', 'lib')
    const script = `set -euo pipefail; . ${lib}/say.sh; . ${lib}/postgres.sh; ${calls}`
    return must('bash', ['-c', script, 'postgres', this.dir], { env: { QM_PG_PASSING: '1' } })
  }

  static async start(dir: string): Promise<Postgres> {
    const pg = new Postgres(dir)
    await pg.shell('qm_pg_init "$1" >&2; qm_pg_start "$1" >&2')
    pg.conninfo = (await pg.shell('qm_pg_conninfo "$1"')).trim()
    return pg
  }

  async restart(): Promise<void> {
    await this.shell('qm_pg_start "$1" >&2')
  }

  async stop(): Promise<void> {
    await this.shell('qm_pg_stop "$1" >&2')
  }

  async drop(): Promise<void> {
    await this.shell('qm_pg_drop "$1" >&2')
  }

  /** One statement; rows as lines, columns separated by "|". */
  async sql(statement: string): Promise<string[]> {
    const out = await must('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', this.conninfo, '-c', statement])
    return out.split('\n').filter((line) => line !== '')
  }
}
