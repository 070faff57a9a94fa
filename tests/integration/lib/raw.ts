/* HTTP by hand, for what no HTTP library would send. */
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  text: string
  closed: boolean
}

/** Sends the bytes, reads until the server closes or `quiet_ms` pass without a byte. */
export function raw(port: number, bytes: string | Buffer, quiet_ms = 30_000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    const finish = (closed: boolean): void => {
      socket.destroy()
      const text = Buffer.concat(parts).toString('latin1')
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text, closed })
    }
    socket.setTimeout(quiet_ms, () => finish(false))
    socket.on('data', (b) => parts.push(b))
    socket.on('close', () => finish(true))
    socket.on('error', (e: NodeJS.ErrnoException) => {
      if (e.code !== 'ECONNRESET' && e.code !== 'EPIPE') reject(e)
    })
    socket.write(bytes)
  })
}
