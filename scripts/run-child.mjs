// Runs a child process in the foreground. Node 16 syntax, no dependencies.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a command with our standard input and error and returns its exit code (128 + n for signal n).
 * `output: 'stderr'` keeps our standard output clean. Signals sent to us are passed on, except an interrupt from a
 * terminal, which the child has already received.
 */
export function runChild(command, args, { env = process.env, cwd = process.cwd(), output = 'stdout' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ['inherit', output === 'stderr' ? 2 : 1, 2] })
    const forward = (signal) => {
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal)
    }
    const stopForwarding = () => signals.forEach((signal) => process.removeListener(signal, forward))
    signals.forEach((signal) => process.on(signal, forward))
    child.on('error', (error) => {
      stopForwarding()
      reject(new Error(`${command} could not be started: ${error.message}`))
    })
    child.on('close', (code, signal) => {
      stopForwarding()
      resolve(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}
