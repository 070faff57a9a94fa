/* A whole installation of its own: PostgreSQL, master key, a county with a small register, server.
 *
 * The host is a name that nothing resolves: names and proofs are made of it, while requests go to
 * the loopback port that the server chose.
 */
import { ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, Outcome, run } from './command'
import { Device } from './device'
import { Postgres } from './postgres'
import { until } from './until'
import { freshFolder, qiaomend, root } from './where'
import { vkeyRead, VerifierKey } from './wire'

export const HOST = 'qm.test.example'
export const COUNTY = '140522'
export const GRID = '140522110204001' // of W0001 and W0002
export const GRID_OTHER = '140522110204002' // of W0003
export const GRID_FAR = '140522110205001' // of W0004

export interface Person {
  resident: string
  name: string
  born: string
  status: string
}
export interface Home {
  household: string
  grid: string
  place: string
  status: string
  worker: string
  people: Person[]
}

/** 22 characters with zero trailing bits, readable in a failure. */
export function fixedPseudonym(word: string): string {
  return Buffer.from(word.padEnd(16, '.').slice(0, 16), 'latin1').toString('base64url')
}

function home(word: string, grid: string, worker: string, born: string[], more: Partial<Home> = {}): Home {
  const people = born.map((day, i) => ({
    resident: fixedPseudonym(`${word}-${i}`),
    name: `王${'一二三四五六'[i]}`,
    born: day,
    status: day === '' ? 'unknown_age' : 'counted',
  }))
  return { household: fixedPseudonym(word), grid, place: 'home', status: 'counted', worker, people, ...more }
}

export const homes: Home[] = [
  ...Array.from({ length: 60 }, (_, i) => home(`a${i}`, GRID, i % 2 ? 'W0001' : 'W0002', ['1970-01-01', '1972-02-02'])),
  ...Array.from({ length: 10 }, (_, i) => home(`b${i}`, GRID_OTHER, 'W0003', ['1980-03-03', '2020-04-04'])),
  ...Array.from({ length: 5 }, (_, i) => home(`c${i}`, GRID_FAR, 'W0004', ['1985-05-05'])),
  home('away', GRID, 'W0001', ['1990-06-06'], { status: 'away' }),
  home('empty', GRID, 'W0001', [], { status: 'vacant' }),
  home('shop', GRID, 'W0001', [], { place: 'shop' }),
  home('nobirth', GRID, 'W0001', ['']),
]

const ACCOUNTS = [
  `W0001,worker,网格员甲,10040000001,${GRID}`,
  `W0002,worker,网格员乙,10040000002,${GRID}`,
  `W0003,worker,网格员丙,10040000003,${GRID_OTHER}`,
  `W0004,worker,网格员丁,10040000004,${GRID_FAR}`,
  'A0001,township,办公室,10040000005,140522110',
  'S0001,secretary,书记,10040000006,140522110204',
  'I0001,inspector,督导员,10040000007,140522',
  'U0001,auditor,审计,10040000008,140522',
]

export class Site {
  port = 0
  url = ''
  logKey!: VerifierKey
  private server: ChildProcess | null = null
  private lines: string[] = []
  private waiting: (() => void) | null = null

  private constructor(
    readonly dir: string,
    readonly pg: Postgres,
    private readonly settings: string[],
  ) {}

  /** Everything up to a running server with the small register in it. */
  static async start(settings: string[] = []): Promise<Site> {
    const dir = freshFolder()
    await must('chmod', ['711', dir])
    const pg = await Postgres.start(join(dir, 'pg'))
    const site = new Site(dir, pg, settings)
    try {
      await site.setUp()
      await site.serve()
    } catch (e) {
      await site.stop()
      throw e
    }
    return site
  }

  private get config(): string {
    return join(this.dir, 'qiaomend.conf')
  }

  writeConfig(more: string[] = this.settings): void {
    const lines = [
      'listen = 127.0.0.1:0',
      `database = ${this.pg.conninfo}`,
      `master = ${join(this.dir, 'master')}`,
      `state_dir = ${join(this.dir, 'state')}`,
      `sql_dir = ${join(root, 'sql')}`,
      'address_per_minute = 100000',
      'device_syncs_per_minute = 10000',
      ...more,
    ]
    writeFileSync(this.config, lines.join('\n') + '\n')
  }

  private async setUp(): Promise<void> {
    mkdirSync(join(this.dir, 'state'))
    this.writeConfig()
    await must(qiaomend, ['--config', this.config, 'migrate'])
    await this.admin('init', '--host', HOST)
    await this.admin('divisions', 'import', join(root, 'deploy', 'sample', 'divisions.csv'))
    const added = await this.adminJson('county', 'add', COUNTY, '--name', '阳城县', '--by', 'C0001')
    this.logKey = vkeyRead(added['log'] as string)
    await this.importRegister()
  }

  private async importRegister(): Promise<void> {
    const grids = [GRID, GRID_OTHER, GRID_FAR].map((g) => `${g},网格${g.slice(-3)},900,test,2026-06-30`)
    await this.importCsv('grids', 'grid,name,population,population_source,population_date', grids)
    await this.importCsv('accounts', 'account,role,name,phone,areas', ACCOUNTS)
    await this.importCsv(
      'households',
      'household,grid,place,status,group,lane,door,head,phone,worker',
      homes.map((h, i) => `${h.household},${h.grid},${h.place},${h.status},一组,东街,${i + 1}号,王户主,10041000000,${h.worker}`),
    )
    await this.importCsv(
      'residents',
      'resident,household,name,born,phone,status,groups',
      homes.flatMap((h) => h.people.map((p) => `${p.resident},${h.household},${p.name},${p.born},,${p.status},`)),
    )
  }

  csv(name: string, header: string, rows: string[]): string {
    const file = join(this.dir, `${name}.csv`)
    writeFileSync(file, [header, ...rows].join('\n') + '\n')
    return file
  }

  importCsv(what: string, header: string, rows: string[]): Promise<string> {
    return this.admin(what, 'import', this.csv(what, header, rows), '--county', COUNTY, '--by', 'C0001')
  }

  /** The server's process. */
  get pid(): number {
    if (this.server?.pid === undefined) throw new Error('no server')
    return this.server.pid
  }

  adminRun(...args: string[]): Promise<Outcome> {
    return run(qiaomend, ['--config', this.config, 'admin', ...args])
  }

  admin(...args: string[]): Promise<string> {
    return must(qiaomend, ['--config', this.config, 'admin', ...args])
  }

  async adminJson(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse(await this.admin(...args, '--json')) as Record<string, unknown>
  }

  /** Starts the server and waits for its line that names the port, and until it is ready. */
  async serve(): Promise<void> {
    this.lines = []
    const child = spawn(qiaomend, ['--config', this.config, 'serve'], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.server = child
    const log = createWriteStream(join(this.dir, 'server.log'), { flags: 'a' })
    let rest = ''
    child.stderr!.on('data', (b: Buffer) => {
      log.write(b)
      const parts = (rest + b.toString('utf8')).split('\n')
      rest = parts.pop()!
      this.lines.push(...parts)
      this.waiting?.()
    })
    child.on('exit', () => this.waiting?.())
    const listening = await this.logLine((line) => line['event'] === 'listening')
    this.port = listening['port'] as number
    this.url = `http://127.0.0.1:${this.port}`
    await until('the server is ready', async () => (await fetch(`${this.url}/readyz`)).status === 200)
  }

  get log(): string {
    return this.lines.join('\n')
  }

  /** The first log line for which `wanted` holds; fails when the server ends before. */
  async logLine(wanted: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (let seen = 0; ; ) {
      for (; seen < this.lines.length; seen++) {
        const line = this.lines[seen]!
        if (!line.startsWith('{')) continue
        const parsed = JSON.parse(line) as Record<string, unknown>
        if (wanted(parsed)) return parsed
      }
      if (this.server?.exitCode !== null) throw new Error(`the server ended:\n${this.log}`)
      await new Promise<void>((resolve) => {
        this.waiting = resolve
      })
    }
  }

  signal(name: 'SIGHUP' | 'SIGKILL' | 'SIGTERM'): void {
    this.server?.kill(name)
  }

  /** Ends the server and gives its exit code; -1 after a signal that it could not handle. */
  async end(name: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    const child = this.server
    this.server = null
    if (!child || child.exitCode !== null) return child?.exitCode ?? -1
    const gone = new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? -1)))
    child.kill(name)
    return gone
  }

  async restart(name: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    await this.end(name)
    await this.serve()
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
    await this.pg.drop()
    rmSync(this.dir, { recursive: true, force: true })
  }

  async code(account: string): Promise<string> {
    const made = await this.adminJson('code', 'new', '--county', COUNTY, '--account', account, '--by', 'A0001')
    return made['code'] as string
  }

  async token(account: string, role: string, prefix: string): Promise<string> {
    const made = await this.adminJson('token', 'new', '--county', COUNTY, '--account', account, '--role', role, '--prefix', prefix)
    return made['token'] as string
  }

  /** An enrolled device of this account. */
  async device(account: string): Promise<Device> {
    const device = new Device(this.url, HOST)
    const a = await device.enrol(await this.code(account))
    if (a.status !== 200) throw new Error(`enrol ${account}: ${a.status} ${a.body}`)
    return device
  }

  /** The counters of a grid by name, straight from the table that the figures are read from. */
  async counters(grid = GRID): Promise<Record<string, number>> {
    const rows = await this.pg.sql(
      `SELECT p.name, g.v[p.place] FROM qm.grid_counter g, qm.counter_place p WHERE g.county = ${COUNTY} AND g.grid = ${grid}`,
    )
    return Object.fromEntries(rows.map((row) => row.split('|')).map(([name, n]) => [name, Number(n)]))
  }

  /** Keeps the log's head for itself: nothing is committed until what is returned is called. */
  async hold(): Promise<() => Promise<void>> {
    const asleep = (what: string): Promise<string[]> =>
      this.pg.sql(`SELECT ${what} FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid <> pg_backend_pid()`)
    const held = this.pg.sql(`SELECT size FROM qm.log_head WHERE county = ${COUNTY} FOR UPDATE; SELECT pg_sleep(60)`).catch(() => [])
    await until('the head is kept', async () => (await asleep('1')).length === 1)
    return async () => {
      await asleep('pg_cancel_backend(pid)')
      await held
    }
  }

  /** Number of entries in the log, from its signed checkpoint. */
  async logSize(): Promise<number> {
    const r = await fetch(`${this.url}/v1/log/${COUNTY}/checkpoint`)
    if (r.status !== 200) throw new Error(`checkpoint: ${r.status}`)
    return Number((await r.text()).split('\n')[1])
  }

  /** Fails with the differences if counters and events do not agree. */
  async recount(): Promise<void> {
    const got = await this.adminRun('recount', '--county', COUNTY)
    if (got.code !== 0) throw new Error(`recount: ${got.stdout}${got.stderr}`)
  }
}
