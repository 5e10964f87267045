import type { Command } from 'commander'
import { defineRecord } from './record.ts'

/** Defines `effort new|list|show`. */
export function define(command: Command): void {
  defineRecord(command, 'effort', { title: 'One language for both services', id: 'E001' })
}
