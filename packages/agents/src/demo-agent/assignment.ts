import { readFileSync, realpathSync } from 'node:fs'

/** What a run tells its agent. */
export interface Assignment {
  readonly task: string
  readonly run: string
  /** The context packet, as Markdown. */
  readonly packet: string
  /** Real path of the folder the agent may work in: a checkout, or a folder of checkouts. */
  readonly folder: string
}

/** Reads the assignment from the environment; throws a sentence naming what is missing. */
export function readAssignment(env: Readonly<Record<string, string | undefined>>, cwd: string): Assignment {
  const value = (name: string): string => {
    const text = env[name]
    if (text === undefined || text === '') throw new Error(`${name} is not set; this program is started by \`signalbox run TASK --agent demo\``)
    return text
  }
  const packetPath = value('SIGNALBOX_PACKET')
  return {
    task: value('SIGNALBOX_TASK'),
    run: value('SIGNALBOX_RUN'),
    packet: readFileSync(packetPath, 'utf8'),
    folder: realpathSync(cwd),
  }
}

/** Returns what the packet asks to be true in the end: the open checkboxes below its heading "Acceptance", each once. */
export function acceptanceOf(packet: string): readonly string[] {
  const sections = packet.split(/^(?=## )/m).filter((section) => section.startsWith('## Acceptance'))
  return [...new Set([...sections.join('').matchAll(/^\s*[-*+] \[ \] (.+)$/gm)].map(([, text = '']) => text.trim()))]
}
