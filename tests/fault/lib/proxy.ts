/* A connection in the middle that breaks after an exact number of bytes, in one direction. */
import { connect, createServer, Server, Socket } from 'node:net'

export interface Cut {
  side: 'request' | 'answer'
  after: number
  how: 'reset' | 'close'
}

export class Proxy {
  cuts = 0
  /** Bytes of the last exchange that came from the client and from the server. */
  passed = { request: 0, answer: 0 }
  private cut: Cut | null = null
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly port: () => number,
  ) {
    server.on('connection', (client) => this.join(client))
  }

  static start(port: () => number): Promise<Proxy> {
    const server = createServer()
    const proxy = new Proxy(server, port)
    return new Promise((resolve, reject) => {
      server.on('error', reject)
      server.listen(0, '127.0.0.1', () => resolve(proxy))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`
  }

  /** For the connections from now on; null: everything goes through. */
  set(cut: Cut | null): void {
    this.cut = cut
  }

  private join(client: Socket): void {
    const cut = this.cut
    const upstream = connect(this.port(), '127.0.0.1')
    const passed = (this.passed = { request: 0, answer: 0 })
    const end = (): void => {
      for (const s of [client, upstream]) {
        if (cut && s.readyState !== 'closed' && cut.how === 'reset') s.resetAndDestroy()
        else s.destroy()
        this.sockets.delete(s)
      }
    }
    const pass = (side: Cut['side'], from: Socket, to: Socket): void => {
      from.on('data', (bytes: Buffer) => {
        const room = cut?.side === side ? cut.after - passed[side] : Infinity
        const part = bytes.subarray(0, Math.min(bytes.length, room))
        passed[side] += part.length
        // What was let through arrives before the connection breaks.
        to.write(part, () => {
          if (part.length < bytes.length) {
            this.cuts++
            end()
          }
        })
      })
      from.on('close', end)
      from.on('error', end)
      this.sockets.add(from)
    }
    pass('request', client, upstream)
    pass('answer', upstream, client)
  }

  stop(): Promise<void> {
    for (const s of this.sockets) s.destroy()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}
