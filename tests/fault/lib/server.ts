/* A second server of a site, beside the one that the site runs: same database, same master key, a
 * state folder of its own. */
import { ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Site } from '../../integration/lib/site'
import { until } from '../../integration/lib/until'
import { qiaomend } from '../../integration/lib/where'
import { once } from './http'

export class SecondServer {
  url = ''

  private constructor(private readonly child: ChildProcess) {}

  static async start(site: Site): Promise<SecondServer> {
    const state = join(site.dir, 'state-2')
    mkdirSync(state, { recursive: true })
    const config = join(site.dir, 'qiaomend-2.conf')
    const lines = readFileSync(join(site.dir, 'qiaomend.conf'), 'utf8').split('\n')
    writeFileSync(config, lines.map((line) => (line.startsWith('state_dir') ? `state_dir = ${state}` : line)).join('\n'))
    const child = spawn(qiaomend, ['--config', config, 'serve'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const log = createWriteStream(join(site.dir, 'server-2.log'), { flags: 'a' })
    const server = new SecondServer(child)
    let text = ''
    child.stderr!.on('data', (b: Buffer) => {
      log.write(b)
      text += b.toString('utf8')
      const found = /"event":"listening".*?"port":(\d+)/.exec(text)
      if (found && server.url === '') server.url = `http://127.0.0.1:${found[1]}`
    })
    await until('the second server is ready', async () => {
      if (child.exitCode !== null) throw new Error(`the second server ended:\n${text}`)
      return server.url !== '' && (await once(`${server.url}/readyz`)).status === 200
    })
    return server
  }

  async stop(): Promise<number> {
    if (this.child.exitCode !== null) return this.child.exitCode
    const gone = new Promise<number>((resolve) => this.child.on('exit', (code) => resolve(code ?? -1)))
    this.child.kill('SIGTERM')
    return gone
  }
}
