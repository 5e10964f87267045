import { readAssignment } from './demo-agent/assignment.ts'
import { findCheckouts } from './demo-agent/checkout.ts'
import { findShop, fixShop } from './demo-agent/fix-shop.ts'
import { leaveNotes } from './demo-agent/leave-note.ts'

/** The scripted demo agent: reads its packet, edits, tests and commits in its own folder, and says so as it goes. */
function main(): number {
  const say = (line: string): void => console.log(line)
  const assignment = readAssignment(process.env, process.cwd())
  const checkouts = findCheckouts(assignment.folder)
  if (checkouts.length === 0) throw new Error(`${assignment.folder} holds no git checkout to work in`)
  const shop = findShop(checkouts)
  return shop === undefined ? leaveNotes(checkouts, assignment, say) : fixShop(shop, assignment, say)
}

try {
  process.exitCode = main()
} catch (error) {
  console.error(`demo agent: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
