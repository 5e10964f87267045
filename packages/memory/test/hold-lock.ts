// Takes a lock and holds it until it is killed.
import { createLocks } from '../src/state-lock.ts'

await createLocks().hold(process.argv[2] ?? '', async () => {
  process.stdout.write('held\n')
  await new Promise((resolve) => setInterval(resolve, 1 << 30))
})
