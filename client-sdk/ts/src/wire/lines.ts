/* lines.ts - floor 0: takes lines off the front of bytes, for texts whose end may hold anything. */
import { latin1 } from './bytes.js'
import { QmError } from './err.js'

export class Lines {
  private at = 0

  constructor(private readonly bytes: Uint8Array) {}

  /** The next line without its LF, each byte as one character; `malformed` if no LF is left. */
  next(): string {
    const lf = this.bytes.indexOf(0x0a, this.at)
    if (lf < 0) throw new QmError('malformed', 'cut text')
    const line = latin1(this.bytes.subarray(this.at, lf))
    this.at = lf + 1
    return line
  }

  /** The next line without this prefix. */
  nextAfter(prefix: string): string {
    const line = this.next()
    if (!line.startsWith(prefix)) throw new QmError('malformed', `no line "${prefix}"`)
    return line.slice(prefix.length)
  }

  startsWith(prefix: string): boolean {
    for (let i = 0; i < prefix.length; i++)
      if (this.bytes[this.at + i] !== prefix.charCodeAt(i)) return false
    return true
  }

  /** The next byte; undefined at the end. */
  peek(): number | undefined {
    return this.bytes[this.at]
  }

  rest(): Uint8Array {
    return this.bytes.subarray(this.at)
  }
}
