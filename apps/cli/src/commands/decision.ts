import type { Command } from 'commander'
import { defineRecord } from './record.ts'

/** Defines `decision new|list|show`. */
export function define(command: Command): void {
  defineRecord(command, 'decision', { title: 'Amounts are in cents', id: 'D0001' })
}
