/* Runs programs and waits for them. */
import { spawn } from 'node:child_process'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string
}

/** Never throws for an exit code: callers look at it. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LANG: 'C.UTF-8', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (b: Buffer) => out.push(b))
    child.stderr.on('data', (b: Buffer) => err.push(b))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({
        code: code ?? (signal ? 128 : 1),
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      })
    })
    child.stdin.on('error', () => undefined) // it may exit before it has read everything
    child.stdin.end(options.input ?? '')
  })
}

/** The same, where success is expected; what was printed is returned. */
export async function must(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const got = await run(command, args, options)
  if (got.code !== 0) {
    throw new Error(`${command} ${args.join(' ')}: exit code ${got.code}\n${got.stdout}${got.stderr}`)
  }
  return got.stdout
}
