import type { Readable, Writable } from 'node:stream'
import { createControlPlane, type ControlPlaneOptions } from '../compose.ts'

/** What a model is told about the tools as a whole. */
const instructions = 'These tools read the memory repo of Signalbox: tasks, decisions, notes, efforts, handoffs. They can propose a task, which a human then accepts or drops. They can neither start a run nor approve or land anything.'

/** Serves lookups and proposals to a program of the human's own, over two streams, until it closes its end. @throws ControlError what opening the control plane throws */
export async function serveToolsOverStdio(place: ControlPlaneOptions, { version, input, output }: { readonly version: string; readonly input: Readable; readonly output: Writable }): Promise<void> {
  const plane = await createControlPlane(place)
  try {
    const { guestTools, serveMcpOverStdio } = await import('@signalbox/mcp')
    await serveMcpOverStdio(guestTools(plane.guest), { version, instructions }, { input, output })
  } finally {
    await plane.close()
  }
}
