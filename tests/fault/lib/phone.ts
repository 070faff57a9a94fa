/* A phone: the program `qiaomen` with a folder of its own, and what it was told is stored. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Outcome, run } from '../../integration/lib/command'
import { HOST, Site } from '../../integration/lib/site'
import { qiaomen } from '../../integration/lib/where'

export interface Counts {
  waiting: number
  confirmed: number
  held: number
  rejected: number
  flagged: number
  photos_waiting: number
  alarm: string
  stopped: string
  log: string
  log_key: string
  log_size: number
  device: string
  records: { event: string; state: string; code: string; index?: number; seq: number }[]
}

export class Phone {
  readonly home: string
  /** Events whose call ended with success. */
  readonly stored: string[] = []
  /** Records whose call was killed: each may be there or not. */
  open = 0

  constructor(
    readonly site: Site,
    readonly name: string,
    home?: string,
  ) {
    this.home = home ?? join(site.dir, `phone-${name}`)
  }

  private args(args: string[]): string[] {
    return [...args, '--json', '--lang', 'en', '--home', this.home]
  }

  run(...args: string[]): Promise<Outcome> {
    return run(qiaomen, this.args(args))
  }

  async ok(...args: string[]): Promise<Record<string, unknown>> {
    const got = await this.run(...args)
    if (got.code !== 0) throw new Error(`${this.name}: qiaomen ${args.join(' ')}: exit code ${got.code}\n${got.stdout}${got.stderr}`)
    return JSON.parse(got.stdout) as Record<string, unknown>
  }

  async enrol(account: string): Promise<void> {
    await this.ok('enrol', '--server', this.site.url, '--host', HOST, '--code', await this.site.code(account))
  }

  /** Stores a record and remembers its number. */
  async record(...args: string[]): Promise<string> {
    const event = (await this.ok(...args))['event'] as string
    this.stored.push(event)
    return event
  }

  /** Starts it and kills it after this time; null if it was killed before it ended. */
  killed(after_ms: number, ...args: string[]): Promise<Outcome | null> {
    return new Promise((resolve, reject) => {
      const child = spawn(qiaomen, this.args(args), { stdio: ['ignore', 'pipe', 'pipe'] })
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout.on('data', (b: Buffer) => out.push(b))
      child.stderr.on('data', (b: Buffer) => err.push(b))
      child.on('error', reject)
      const timer = setTimeout(() => child.kill('SIGKILL'), after_ms)
      child.on('close', (code) => {
        clearTimeout(timer)
        const text = (parts: Buffer[]): string => Buffer.concat(parts).toString('utf8')
        resolve(code === null ? null : { code, stdout: text(out), stderr: text(err) })
      })
    })
  }

  /** With a limit of so many KiB for the size of any file that it writes. */
  limited(kib: number, ...args: string[]): Promise<Outcome> {
    return run('bash', ['-c', `ulimit -f ${kib}; exec "$@"`, 'limited', qiaomen, ...this.args(args)])
  }

  async status(): Promise<Counts> {
    return (await this.ok('status', '--state', 'all')) as unknown as Counts
  }

  /** Syncs until it says that all is done, as often as a phone would. */
  async syncAll(tries = 20): Promise<void> {
    for (let i = 0; ; i++) {
      const got = await this.run('sync', '--now')
      if (got.code === 0) return
      if (got.code !== 4 || i >= tries) throw new Error(`${this.name}: sync: ${got.code} ${got.stdout}${got.stderr}`)
    }
  }
}
