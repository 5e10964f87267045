#!/usr/bin/env node
// Written in syntax that old versions of Node can read: the database library crashes them without a word.
import module from 'node:module'
import { join } from 'node:path'

var parts = process.versions.node.split('.')
var major = Number(parts[0])
if (major > 22 || (major === 22 && Number(parts[1]) >= 18)) {
  // Compiling is much of a short command. Beside the code, for whoever may write there may change the code itself;
  // where that may not be written, Node goes on without.
  module.enableCompileCache(join(import.meta.dirname, '../dist/compiled'))
  import('../dist/main.js').catch(function (error) {
    console.error(error)
    process.exitCode = 1
  })
} else {
  console.error('signalbox needs Node 22.18 or newer; this is Node ' + process.versions.node + '. Install Node 24 LTS and try again.')
  process.exitCode = 5
}
