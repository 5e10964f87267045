// Runs a child process in the foreground. Node 16 syntax, no dependencies.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a command with our standard input and error and returns its exit code (128 + n for signal n).
 * `output: 'stderr'` keeps our standard output clean; what a command prints with `'held'` is shown only if it fails.
 * Signals sent to us are passed on, except an interrupt from a terminal, which the child has already received; `cut`
 * ends the child.
 */
export function runChild(command, args, { env = process.env, cwd = process.cwd(), output = 'stdout', cut } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: output === 'held' ? ['ignore', 'pipe', 'pipe'] : ['inherit', output === 'stderr' ? 2 : 1, 2] })
    const held = []
    if (output === 'held') for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => held.push(chunk))
    const forward = (signal) => {
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal)
    }
    const end = () => child.kill('SIGTERM')
    const stopForwarding = () => {
      signals.forEach((signal) => process.removeListener(signal, forward))
      if (cut) cut.removeEventListener('abort', end)
    }
    signals.forEach((signal) => process.on(signal, forward))
    if (cut) cut.addEventListener('abort', end)
    if (cut && cut.aborted) end()
    child.on('error', (error) => {
      stopForwarding()
      reject(new Error(`${command} could not be started: ${error.message}`))
    })
    child.on('close', (code, signal) => {
      stopForwarding()
      if (code !== 0 && !(cut && cut.aborted)) process.stderr.write(Buffer.concat(held))
      resolve(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}
