import { writeFiles } from '@signalbox/testkit'
import { shapeNamed } from './real-shapes.ts'

// The agent of a run: does, in the folder it is started in, the work of the shape it is told.
writeFiles(process.cwd(), shapeNamed(process.argv[2] ?? '').work)
