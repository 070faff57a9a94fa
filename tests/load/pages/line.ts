/* line.ts - a slow line between browser and server: so many bits a second each way, so long until an
 * answer can begin; a new connection costs that time once more.
 *
 * The browser is told to find the server here (`flag`), so that page, workers and service worker all
 * go through it under the server's own address.  Fast until `slow` is called.
 */
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net'

export interface Speed {
  kbitPerS: number
  roundTripMs: number
}

/** The slow 3G of browsers' tools, and what they call a slow fourth generation. */
export const SLOW_3G: Speed = { kbitPerS: 400, roundTripMs: 400 }
export const SLOW_4G: Speed = { kbitPerS: 1440, roundTripMs: 560 }

/** One direction; all connections share it. */
class Lane {
  private freeAt = 0
  bytes = 0
  constructor(private readonly speed: () => Speed | undefined) {}

  /** When the last byte of this chunk has arrived. */
  due(bytes: number): number {
    this.bytes += bytes
    const now = performance.now()
    const speed = this.speed()
    if (speed === undefined) return now
    this.freeAt = Math.max(now, this.freeAt) + (bytes * 8) / speed.kbitPerS
    return this.freeAt + speed.roundTripMs / 2
  }
}

const CHUNK_BYTES = 1400

export class Line {
  private speed: Speed | undefined
  private readonly up = new Lane(() => this.speed)
  private readonly down = new Lane(() => this.speed)
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async open(port: number): Promise<Line> {
    const server = createServer()
    const line = new Line(server, port)
    server.on('connection', (from) => line.join(from))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return line
  }

  /** For the browser's command line. */
  get flag(): string {
    return `--host-resolver-rules=MAP 127.0.0.1:${this.port} 127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }
  /** Bytes that reached the browser so far. */
  get received(): number {
    return this.down.bytes
  }
  slow(speed: Speed | undefined): void {
    this.speed = speed
  }

  private join(from: Socket): void {
    const to = connect(this.port, '127.0.0.1')
    const openAt = performance.now() + (this.speed?.roundTripMs ?? 0)
    this.carry(from, to, this.up, openAt)
    this.carry(to, from, this.down, 0)
    for (const socket of [from, to]) {
      this.sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.sockets.delete(socket)
        from.destroy()
        to.destroy()
      })
    }
  }

  private carry(from: Socket, to: Socket, lane: Lane, openAt: number): void {
    let last = openAt
    let held = 0
    from.on('data', (all: Buffer) => {
      for (let at = 0; at < all.length; at += CHUNK_BYTES) {
        const part = all.subarray(at, at + CHUNK_BYTES)
        last = Math.max(last, lane.due(part.length))
        held += part.length
        setTimeout(() => {
          held -= part.length
          if (!to.destroyed) to.write(part)
          if (held < 65536) from.resume()
        }, Math.max(0, last - performance.now()))
      }
      // As a real line: what is not taken is not sent.
      if (held >= 65536) from.pause()
    })
    from.on('end', () => setTimeout(() => to.end(), Math.max(0, last - performance.now())))
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}
