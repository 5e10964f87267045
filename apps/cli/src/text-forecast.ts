import type { Forecast, ForecastStep } from '@signalbox/core'
import type { Look } from './look.ts'
import { blocks, indent } from './text-parts.ts'
import { quarantinedText } from './text-task.ts'
import { visible } from './untrusted.ts'

/** Returns the landing order: what lands, one after the other, then what has to be done anew, each with its reasons. */
export function forecastText({ order, waiting, quarantined }: Forecast, look: Look): string {
  const landing = order.filter(({ lands }) => lands)
  const staying = order.filter(({ lands }) => !lands)
  return blocks(
    section('Land in this order', landing.map((step, index) => stepText(step, `${index + 1}.`, look)), look),
    section('Does not fit, and would be done anew', staying.map((step) => stepText(step, '✗', look)), look),
    section('Nothing to say yet', waiting.map(({ run, task, because }) => `${look.ink.bold(run)} ${task}  ${look.ink.dim(visible(because))}`), look),
    quarantinedText(quarantined, look),
  )
}

function section(title: string, lines: readonly string[], { ink }: Look): string {
  return lines.length === 0 ? '' : `${ink.dim(title)}\n${indent(lines.join('\n'))}`
}

function stepText({ run, task, title, standing, reasons, lands }: ForecastStep, mark: string, { ink }: Look): string {
  const inks = { approved: ink.cyan, approvable: ink.dim, blocked: ink.yellow }
  const head = `${mark} ${ink.bold(run)} ${task}${title === null ? '' : `  ${visible(title)}`}  ${inks[standing](standing)}`
  return [head, ...reasons.map((reason) => `   ${(lands ? ink.dim : ink.red)(visible(reason))}`)].join('\n')
}
