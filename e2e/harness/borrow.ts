/** Where and with what a process runs. */
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** Runs `work` in this process as if it had been started there, and puts things back. */
export async function borrowProcess<T>({ cwd, env }: Surroundings, args: readonly string[], work: () => Promise<T>): Promise<T> {
  const own = { cwd: process.cwd(), env: { ...process.env }, argv: process.argv }
  try {
    process.chdir(cwd)
    replaceEnvironment(env)
    process.argv = [process.execPath, ...args]
    return await work()
  } finally {
    process.chdir(own.cwd)
    replaceEnvironment(own.env)
    process.argv = own.argv
  }
}

function replaceEnvironment(env: Readonly<NodeJS.ProcessEnv>): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
}
