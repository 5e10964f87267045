import type { Command } from 'commander'
import { defineRecord } from './record.ts'

/** Defines `note new|list|show`. */
export function define(command: Command): void {
  defineRecord(command, 'note', { title: 'The staging database resets at night', id: 'N0001' })
}
