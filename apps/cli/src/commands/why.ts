import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ControlError, parseRepoName, type WhyRequest } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { withProgress } from '../progress.ts'
import { whyText } from '../text-why.ts'

/** Defines `why FILE:LINE`. */
export function define(command: Command): void {
  command
    .description("Says which commit last touched a line and, where a run landed or pushed it, by which approval, run, packet and task. What the commit's trailers claim is verified against the record of the run.")
    .argument('<file:line>', 'a file as seen from this folder, or repo:path from the top of a registered repo, and a line number')
  examples(command, 'signalbox why src/total.js:12', 'signalbox why api:src/total.js:12')
  command.action(
    act(async (human, place: string) => {
      const value = await withProgress(`looking at ${place}`, human.why(requestOf(place)))
      return { value, text: (look) => whyText(value, look), note: `→ ${value.next}` }
    }),
  )
}

/** Reads `FILE:LINE`. A file here whose name looks like `repo:path` is that file. @throws ControlError `input.invalid` */
function requestOf(place: string): WhyRequest {
  const [, file, line] = /^(.+):(\d{1,9})$/s.exec(place) ?? []
  if (file === undefined) throw new ControlError('input.invalid', `${JSON.stringify(place)} names no line`, { hint: 'Give FILE:LINE, such as src/total.js:12' })
  const colon = file.indexOf(':')
  const repo = colon < 0 ? undefined : parseRepoName(file.slice(0, colon))
  if (repo !== undefined && !existsSync(file)) return { repo, path: file.slice(colon + 1), line: Number(line) }
  return { path: resolve(file), line: Number(line) }
}
